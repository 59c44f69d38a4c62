// crypto_scalarmult_curve25519_base() and sodium_stackzero(); the other headers are not needed.
#include <sodium/crypto_scalarmult_curve25519.h>
#include <sodium/utils.h>
