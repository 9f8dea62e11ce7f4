"""Small odd CSV files, one line each: what `basin check` says that they are, or why it refuses them."""
import gzip
import os
import subprocess

SPEC = """study: csv
dataset: {name: csv, path: f.csv, test_size: 1%s}
architecture: {type: linear}
training: {epochs: 1}
"""
PLAIN = b"a,b,y\n1,2.5,cat\n-3,1e3,dog\n"
PACKED = gzip.compress(PLAIN, mtime=0)
UTF16 = PLAIN.decode().encode("utf-16")
CASES = [
    ("plain", PLAIN, ""),
    ("mark of UTF-8, CRLF", b"\xef\xbb\xbf" + PLAIN.replace(b"\n", b"\r\n"), ""),
    ("CR alone", PLAIN.replace(b"\n", b"\r"), ""),
    ("no newline at the end", PLAIN[:-1], ""),
    ("empty lines", PLAIN.replace(b"\n", b"\n\n \n"), ""),
    ("spaces around cells", PLAIN.replace(b",", b" , "), ""),
    ("separators at the ends", PLAIN.replace(b"\n", b",\n"), ""),
    ("all in quotes", b'"a,b","b""c","y\n"\n"1","2","x\ny"\n"3","4","z,"\n', ""),
    ("gzip", PACKED, ""),
    ("semicolons, decimal commas", b"a;b;y\n1,5;2;0,5\n-3;,25;+1,0e1\n", ", separator: semicolon, decimal: comma"),
    ("tabs", PLAIN.replace(b",", b"\t"), ", separator: tab"),
    ("spaces", PLAIN.replace(b",", b"   "), ", separator: space"),
    ("pipes, single quotes", b"a|y\n'1'|'x|y'\n2|z\n", ', separator: "|", quote: "\'"'),
    ("no header", b"1,2,0\n3,4,1\n", ", header: false"),
    ("names that count", b"0,1,2\n7,8,0\n7,9,1\n", ""),
    ("booleans", b"a,y\ntrue,False\nFALSE,true\n", ""),
    ("one-hot targets", b"a,no,yes\n1,0,1\n2,1,0\n", ", targets: [no, yes], task: classification"),
    ("rows dropped", b"a,y\n1,0\n,1\n3,1\n4,?\n", ", missing: drop"),
    ("means", b"a,b,y\n1,u,0\n,v,1\n3,,1\n", ", missing: mean"),
    ("bytes as images", b"y,a,b,c,d\n0,0,255,1,2\n1,3,4,5,6\n", ", target: y, type: uint8, shape: [2, 2]"),
    ("categories by number", b"a,y\n1,0\n2,1\n3,1\n", ", categorical: [a]"),
    ("largest and smallest floats", b"a,y\n1.7976931348623157e308,0.5\n4.9e-324,-1\n", "}\nprecision: float64\nsweep: {"),
    # refused
    ("empty", b"", ""),
    ("header only", b"a,b,y\n", ""),
    ("one column", b"a\n1\n", ""),
    ("comment", b"# made by hand 2020\na,y\n1,2\n", ""),
    ("another separator", b"a;b;y\n1;2;3\n", ""),
    ("UTF-16", UTF16, ""),
    ("UTF-16 without a mark", UTF16[2:], ""),
    ("zero byte", PLAIN.replace(b"dog", b"d\0g"), ""),
    ("Latin-1", PLAIN.replace(b"dog", b"ch\xeavre"), ""),
    ("Latin-1 name", PLAIN.replace(b"b,", b"\xe9,"), ""),
    ("a spreadsheet", b"PK\x03\x04\x14\x00\x06\x00", ""),
    ("row too short", PLAIN + b"1,2\n", ""),
    ("row too long", PLAIN + b"1,2,3,4\n", ""),
    ("quote inside a cell", PLAIN + b'5" pipe,2,dog\n', ""),
    ("quote never closed", PLAIN + b'1,2,"dog\n3,4,cat\n', ""),
    ("missing value", PLAIN + b"1,,dog\n", ""),
    ("missing target", PLAIN + b"1,2,NA\n", ", missing: mean"),
    ("each row lacks something", b"a,b,y\n,1,2\n1,,2\n", ", missing: drop"),
    ("column without values", b"a,b,y\n,1,2\n,2,2\n", ", missing: mean"),
    ("hexadecimal", PLAIN + b"0x10,2,dog\n", ""),
    ("underscores", b"a,y\n1_000,2\n", ""),
    ("thousands", b"a;y\n1.234,5;2\n", ", separator: semicolon"),
    ("decimal commas", b'a,y\n"1,5",2\n', ""),
    ("decimal points", b"a;y\n1.5;2\n", ", separator: semicolon, decimal: comma"),
    ("beyond float64", b"a,y\n1e309,2\n", ""),
    ("beyond float32", b"a,y\n1e39,2\n", ", type: float32"),
    ("infinite", b"a,y\ninf,2\n", ""),
    ("percent", b"a,y\n12%,2\n", ""),
    ("number among texts", b"a,y\nred,1\n7,2\n", ""),
    ("text among numbers", b"a,y\n7,1\nred,2\n", ""),
    ("header that is data", b"5.1,3.5,setosa\n4.9,3.0,setosa\n", ""),
    ("header of texts that is data", b"17,private,yes\n18,public,no\n19,private,no\n", ""),
    ("data that are a header", b"a,y\n1,2\n", ", header: false"),
    ("same names", b"a,a,y\n1,2,3\n", ""),
    ("numbers of rows without a name", b",a,y\n0,5,1\n1,6,2\n", ""),
    ("256 as a byte", b"a,y\n256,1\n", ", type: uint8"),
    ("text as a byte", b"a,y\nred,1\n", ", type: uint8"),
    ("shape of another size", b"a,b,y\n1,2,3\n", ", shape: [3]"),
    ("unknown target", PLAIN, ", target: species"),
    ("nearly known target", b"price,size\n1,2\n", ", target: prize"),
    ("number beyond the columns", PLAIN, ', target: "4"'),
    ("target and targets", PLAIN, ", target: a, targets: [b]"),
    ("texts in several targets", PLAIN, ", targets: [b, y]"),
    ("feature is the target", PLAIN, ", target: a, features: [a, b]"),
    ("nothing left", PLAIN, ", exclude: [a, b]"),
    ("unknown separator", PLAIN, ", separator: dots"),
    ("separator is the quote", PLAIN, ", separator: comma, quote: ','"),
    ("identifiers", b"id,y\n" + b"".join(b"n%d,%d\n" % (i, i % 2) for i in range(1001)), ""),
    ("gigantic cell", PLAIN + b"x" * (1 << 21), ""),
    ("gigantic row", PLAIN + b"1," * (1 << 20), ""),
    ("empty lines without end, gzipped", gzip.compress(PLAIN + b"\n" * (1 << 22)), ""),
    ("one cell without end, gzipped", gzip.compress(PLAIN + b"1" * (1 << 26)), ""),
    ("spaces without end, gzipped", gzip.compress(PLAIN + b" " * (1 << 27)), ""),
    ("gzip cut off", PACKED[:-9], ""),
    ("gzip with a wrong byte", PACKED[:-8] + bytes([PACKED[-8] ^ 1]) + PACKED[-7:], ""),
    ("bytes behind gzip", PACKED + b"more", ""),
]


def main():
    for name, content, keys in CASES:
        with open("f.csv", "wb") as file:
            file.write(content)
        with open("csv.yaml", "w", encoding="utf-8") as file:
            file.write(SPEC % keys)
        done = subprocess.run(["basin", "check", "csv.yaml"], capture_output=True, timeout=60, check=False)
        lines = (done.stdout + done.stderr).decode(errors="replace").replace(os.getcwd() + "/", "").splitlines()
        wanted = [line for line in lines if line.startswith("  data: ") or "error: " in line]
        print(f"{name}: " + (wanted[0].strip().split("error: ")[-1] if wanted else f"exit {done.returncode}: {lines}"))


main()
