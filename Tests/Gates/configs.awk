# Writes n configuration files below the directory `to`, as somebody with n VPNs of one provider would have them.

# A distinct key of 32 bytes in canonical base64: the last of its 43 digits has two unused bits, which are zero.
function key(seed,   text, digit) {
  text = ""
  for (digit = 0; digit < 42; digit++) {
    seed = (seed * 1103515245 + 12345) % 2147483648
    text = text substr(digits, 1 + int(seed / 65536) % 64, 1)
  }
  return text "A="
}

BEGIN {
  digits = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
  for (i = 0; i < n; i++) {
    file = sprintf("%s/vpn%05d.conf", to, i)
    printf "# VPN %d\nWIREGUARD_PRIVATE_KEY=%s\n", i, key(2 * i + 1) >file
    printf "WIREGUARD_VPN_PUBLIC_KEY=%s\nWIREGUARD_ENDPOINT=192.0.2.%d:51820\n", key(2 * i + 2), 1 + i % 250 >file
    printf "WIREGUARD_IP_ADDRESSES=10.64.%d.%d/32\n", int(i / 256), i % 256 >file
    printf "WIREGUARD_ALLOWED_IPS=0.0.0.0/0,::/0\nWIREGUARD_DNS=10.64.0.1\n" >file
    close(file)
  }
}
