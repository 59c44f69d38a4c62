// sd-bus(3); its variadic functions cannot be called from Swift. What else there is of libsystemd, see CJournal.
#include <systemd/sd-bus.h>
