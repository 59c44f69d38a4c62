/// Every edge of the grammar worth a file of its own; see systemd's EnvironmentFile=.
let edgeCases: [String] = [
  "", "\n", "A=", "A=x", "A=x\n", " A = x \n", "\tA\t=\tx\t\n", "A=x\nB=y\n", "A=x\r\nB=y\r\n",
  "A=x\rB=y", "# A=x\nB=y", "; A=x\nB=y", "  # A=x\nB=y", "  ; A=x\nB=y", "A=x # c\nB=y",
  "A=\"x\" # c\nB=y", "A='x'#c\nB=y", "A=x;c\nB=y", "normal ignored \\\nB=y", "B=y\nnormal ignored",
  "export A=b\nB=y", "1A=x\nB=y", "A-B=x\nB=y", "=x\nB=y", "=x", "=A=x\nB=y", "=\nB=y",
  "A=a=b=c\n", "A=\\ \\n \\t\nB=y", "A= \\\nB=y", "A=x\\ \nB=y", "A=x\\  \nB=y",
  "A= d\\\ne  \\\nf  \nB=y", "A=x\\\n\nB=y", "A=x\\\r\nB=y", "A=x\\\rB=y", "A=x\\", "A=\\",
  "A=\\\\",
  "A=\\\"x\\\"", "A=foo\"b\"", "A=foo'b'", "A=\"a\" \"b\"\nB=y", "A=\"a\"b\nB=y",
  "A='a'\"b\"c\nB=y",
  "A=\"a\" b c \nB=y", "A=' \\n'\nB=y", "A='a\nb'\nB=y", "A=\"a\nb\"\nB=y", "A=\"a\\\nb\"\nB=y",
  "A=\"\\\"\\\\\\`\\$\\a\"\nB=y", "A=\"\\n\\t\"\nB=y", "A=\"a\r\nb\"\nB=y", "A=\"a\\\rb\"\nB=y",
  "A=\"unterminated\nB=y\n", "A='unterminated\nB=y\n", "A=\"unterminated\\", "A=x\nA=y\nA=z",
  "A=x\nB=y\nA=z", "A=$HOME ${HOME} $B\nB=y", "A=%n %%\nB=y", "A=`id`\nB=y",
  "A=\u{e9}\u{1f600}\nB=y",
  "\u{e9}=x\nB=y", "A=\u{fffe}\nB=y", "A=x\n#\u{fffe}\nB=y", "\u{feff}A=x\nB=y",
  "A=\u{b}x\u{c}\nB=y",
  "A=\u{1}\u{1b}x\nB=y", "A\\=x\nB=y", "A x=y\nB=y", "A=\"\"\nB=y", "A=''\nB=y", "A='' x\nB=y",
  "A=\"\" \nB=y", "A=x'\nB=y", "A=x\"\nB=y", "A='\"'\nB=y", "A=\"'\"\nB=y", "A=\t\"x\"\t\nB=y",
  "A=x \\\n y\nB=y", "A=\\\n x\nB=y", "A=\\\n\\\n x\nB=y", "#c\\ \nB=y", "A=#x\nB=y", "A=;x\nB=y",
  "A=x\n\n\n  \nB=y", "A=x\u{0}y\nB=y", "A=x\nB=y\u{0}", "__A=x\nB=y", "A1_=x\nB=y", "A =x\nB= y",
]

/// Bytes that are no text at all, which Swift's strings cannot hold.
let edgeBytes: [[UInt8]] = [
  Array("A=".utf8) + [0xff] + Array("\nB=y".utf8),
  [0xff] + Array("=x\nB=y".utf8),
  Array("#".utf8) + [0xff] + Array("\nB=y".utf8),
  Array("A=".utf8) + [0xed, 0xa0, 0x80] + Array("\nB=y".utf8),
  Array("A=".utf8) + [0xc0, 0x80] + Array("\nB=y".utf8),
  Array("A=".utf8) + [0xf4, 0x90, 0x80, 0x80] + Array("\nB=y".utf8),
  Array("A=".utf8) + [0xef, 0xb7, 0x90] + Array("\nB=y".utf8),
  Array("A='".utf8) + [0xe2, 0x82] + Array("\nB=y".utf8),
]
