# Arrays of NumPy that are odd, damaged or made to do harm: each is read right, or refused with its place.
$ cp $HERE/*.yaml .; python3 $HERE/npy.py x.npy "<f4" "(4, 2)" "floats(1, 2, 3, 4, 5, 6, 7, 8)"; python3 $HERE/npy.py y.npy "|u1" "(4,)" "bytes([0, 1, 1, 0])"; basin check numpy.yaml
> numpy.yaml: study numpy, 1 run, no errors
>   data: 2 training and 2 test examples of 2 float32; 2 classes, labels 0 to 1

# Columns first, the header of Python 2, version 2, booleans, texts, half floats: all are read.
$ python3 $HERE/npy.py f.npy ">i2" "(4L, 2L)" "bytes(range(16))" fortran version; basin check numpy.yaml --set dataset.x_path=f.npy
> numpy.yaml: study numpy, 1 run, no errors
>   data: 2 training and 2 test examples of 2 float64; 2 classes, labels 0 to 1
2> note: data: inputs are as large as 3.6e+03 (feature 1), with which training often diverges; standardize: feature brings them to 1 or so
$ python3 $HERE/npy.py f.npy "|b1" "(4, 1)" "bytes([0, 1, 1, 0])"; basin check numpy.yaml --set dataset.y_path=f.npy
> numpy.yaml: study numpy, 1 run, no errors
>   data: 2 training and 2 test examples of 2 float32; 2 classes, labels 0 to 1
$ python3 $HERE/npy.py f.npy "|S3" "(4,)" "b\"catdogdogcat\""; basin check numpy.yaml --set dataset.y_path=f.npy
> numpy.yaml: study numpy, 1 run, no errors
>   data: 2 training and 2 test examples of 2 float32; 2 classes (cat, dog)
$ python3 $HERE/npy.py f.npy "<U2" "(4,)" "\"caébcaéb\".encode(\"utf-32-le\")"; basin check numpy.yaml --set dataset.y_path=f.npy
> numpy.yaml: study numpy, 1 run, no errors
>   data: 2 training and 2 test examples of 2 float32; 2 classes (ca, éb)
$ python3 $HERE/npy.py f.npy "<f2" "(4, 2)" "bytes.fromhex(\"003c00bc0100ff7b0000008000420044\")"; basin check numpy.yaml --set dataset.x_path=f.npy
> numpy.yaml: study numpy, 1 run, no errors
>   data: 2 training and 2 test examples of 2 float32; 2 classes, labels 0 to 1
2> note: data: inputs are as large as 6.55e+04 (feature 1), with which training often diverges; standardize: feature brings them to 1 or so

# What is no array of numbers or texts says what to write instead.
$ python3 $HERE/npy.py f.npy "|O" "(4, 2)" "b\"pickle\""; basin check numpy.yaml --set dataset.x_path=f.npy
2> --set dataset.x_path=f.npy:1:16: error: dataset.x_path: */f.npy: it holds Python objects, which only a pickle could give back: '|O' (byte 20 of the header); np.save(path, x.astype(float)) or, of texts, x.astype(str); pickles are never read, since they can run any program; see "Your own data" in experiments/README.md
2>     1 | dataset.x_path=f.npy
2>       |                ^~~~~
exit 3
$ python3 $HERE/npy.py f.npy "<c8" "(4, 2)" "bytes(64)"; basin check numpy.yaml --set dataset.x_path=f.npy
2> --set dataset.x_path=f.npy:1:16: error: dataset.x_path: */f.npy: it holds complex numbers: '<c8' (byte 20 of the header); save their parts as numbers: np.save(path, np.stack([x.real, x.imag], -1)); see "Your own data" in experiments/README.md
2>     1 | dataset.x_path=f.npy
2>       |                ^~~~~
exit 3
$ python3 $HERE/npy.py f.npy "<f16" "(4, 2)" "bytes(128)"; basin check numpy.yaml --set dataset.x_path=f.npy
2> --set dataset.x_path=f.npy:1:16: error: dataset.x_path: */f.npy: its floats have another size than 2, 4 or 8 bytes: '<f16' (byte 20 of the header); np.save(path, x.astype(np.float64)); see "Your own data" in experiments/README.md
2>     1 | dataset.x_path=f.npy
2>       |                ^~~~~
exit 3
$ python3 $HERE/npy.py f.npy "<M8[ns]" "(4, 2)" "bytes(64)"; basin check numpy.yaml --set dataset.x_path=f.npy
2> --set dataset.x_path=f.npy:1:16: error: dataset.x_path: */f.npy: it holds dates: '<M8[ns]' (byte 20 of the header); np.save(path, x.astype('int64')), or texts: x.astype(str); see "Your own data" in experiments/README.md
2>     1 | dataset.x_path=f.npy
2>       |                ^~~~~
exit 3
$ python3 $HERE/npy.py f.npy "|V2" "(4, 2)" "bytes(16)"; basin check numpy.yaml --set dataset.x_path=f.npy
2> --set dataset.x_path=f.npy:1:16: error: dataset.x_path: */f.npy: it holds raw bytes, of a type that NumPy has no name for (bfloat16 is one): '|V2' (byte 20 of the header); np.save(path, x.astype(np.float32)); see "Your own data" in experiments/README.md
2>     1 | dataset.x_path=f.npy
2>       |                ^~~~~
exit 3
$ python3 $HERE/npy.py f.npy "[(\"a\", \"<f4\")]" "(4,)" "bytes(16)"; basin check numpy.yaml --set dataset.x_path=f.npy
2> --set dataset.x_path=f.npy:1:16: error: dataset.x_path: */f.npy: it holds records of several fields (a structured dtype) (byte 20 of the header); save each field as an array of its own: np.savez(path, x=a['x'], y=a['y']); see "Your own data" in experiments/README.md
2>     1 | dataset.x_path=f.npy
2>       |                ^~~~~
exit 3
$ python3 $HERE/npy.py f.npy "<f4" "()" "bytes(4)"; basin check numpy.yaml --set dataset.x_path=f.npy
2> --set dataset.x_path=f.npy:1:16: error: dataset.x_path: */f.npy: it is a single number (its shape is ()), not an array of examples; save an array: np.save(path, np.array([x])); see "Your own data" in experiments/README.md
2>     1 | dataset.x_path=f.npy
2>       |                ^~~~~
exit 3
$ python3 $HERE/npy.py f.npy "<f4" "(4, 1, 1, 1, 2)" "bytes(32)"; basin check numpy.yaml --set dataset.x_path=f.npy
2> --set dataset.x_path=f.npy:1:16: error: dataset.x_path: */f.npy: it has 5 dimensions; 1 to 4 can be read; np.save(path, x.reshape(len(x), -1)) makes each example a row; see "Your own data" in experiments/README.md
2>     1 | dataset.x_path=f.npy
2>       |                ^~~~~
exit 3
$ python3 $HERE/npy.py f.npy "<f4" "(0, 2)" "b\"\""; basin check numpy.yaml --set dataset.x_path=f.npy
2> --set dataset.x_path=f.npy:1:16: error: dataset.x_path: */f.npy: it is empty: size 0 in dimension 0 of its shape; see "Your own data" in experiments/README.md
2>     1 | dataset.x_path=f.npy
2>       |                ^~~~~
exit 3
$ python3 $HERE/npy.py f.npy "<f4" "(4, 2)" "bytes(31)"; basin check numpy.yaml --set dataset.x_path=f.npy
2> --set dataset.x_path=f.npy:1:16: error: dataset.x_path: */f.npy: it ends early: 31 bytes follow the header, too few for its shape and type; see "Your own data" in experiments/README.md
2>     1 | dataset.x_path=f.npy
2>       |                ^~~~~
exit 3
$ python3 $HERE/npy.py f.npy "<f4" "(4, 2)" "bytes(33)"; basin check numpy.yaml --set dataset.x_path=f.npy
2> --set dataset.x_path=f.npy:1:16: error: dataset.x_path: */f.npy: there are bytes behind the end of the array: 1; see "Your own data" in experiments/README.md
2>     1 | dataset.x_path=f.npy
2>       |                ^~~~~
exit 3
$ python3 $HERE/npy.py f.npy "<f4" "(4611686018427387904, 16)" "bytes(32)"; basin check numpy.yaml --set dataset.x_path=f.npy
2> --set dataset.x_path=f.npy:1:16: error: dataset.x_path: */f.npy: it ends early: 32 bytes follow the header, too few for its shape and type; see "Your own data" in experiments/README.md
2>     1 | dataset.x_path=f.npy
2>       |                ^~~~~
exit 3
$ python3 $HERE/npy.py f.npy "<f4" "(4, -2)" "bytes(32)"; basin check numpy.yaml --set dataset.x_path=f.npy
2> --set dataset.x_path=f.npy:1:16: error: dataset.x_path: */f.npy: the header of the array is damaged: a size is wanted at byte 64, not '-'; see "Your own data" in experiments/README.md
2>     1 | dataset.x_path=f.npy
2>       |                ^~~~~
exit 3
$ python3 $HERE/npy.py f.npy "<u8" "(4, 2)" "bytes(56) + b\"\\xff\" * 8"; basin check numpy.yaml --set dataset.x_path=f.npy
2> --set dataset.x_path=f.npy:1:16: error: dataset.x_path: */f.npy: element [3, 1] (byte 125) is 18446744073709551615, too large for 64 bits with a sign; see "Your own data" in experiments/README.md
2>     1 | dataset.x_path=f.npy
2>       |                ^~~~~
exit 3
$ python3 $HERE/npy.py f.npy "|b1" "(4, 2)" "bytes(range(8))"; basin check numpy.yaml --set dataset.x_path=f.npy
2> --set dataset.x_path=f.npy:1:16: error: dataset.x_path: */f.npy: element [1, 0] (byte 71) is 02; a boolean is 00 or 01; see "Your own data" in experiments/README.md
2>     1 | dataset.x_path=f.npy
2>       |                ^~~~~
exit 3
$ python3 $HERE/npy.py f.npy "<f4" "(4, 2)" "floats(1, 2, 3, float(\"nan\"), 5, 6, 7, 8)"; basin check numpy.yaml --set dataset.x_path=f.npy
2> --set dataset.x_path=f.npy:1:16: error: dataset.x_path: */f.npy, examples: nan at element 1 of example 1 is not a finite number; see "Your own data" in experiments/README.md
2>     1 | dataset.x_path=f.npy
2>       |                ^~~~~
exit 3
$ printf "\223NUMPY\1\0\377\377{" > f.npy; basin check numpy.yaml --set dataset.x_path=f.npy
2> --set dataset.x_path=f.npy:1:16: error: dataset.x_path: */f.npy: it ends early, in the header: its length is 65535 (byte 8); see "Your own data" in experiments/README.md
2>     1 | dataset.x_path=f.npy
2>       |                ^~~~~
exit 3
$ printf "\223NUMPY\11\0\377\377{" > f.npy; basin check numpy.yaml --set dataset.x_path=f.npy
2> --set dataset.x_path=f.npy:1:16: error: dataset.x_path: */f.npy: it ends early, within the first 12 bytes; see "Your own data" in experiments/README.md
2>     1 | dataset.x_path=f.npy
2>       |                ^~~~~
exit 3
$ printf "\200\4\225" > f.npy; basin check numpy.yaml --set dataset.x_path=f.npy
2> --set dataset.x_path=f.npy:1:16: error: dataset.x_path: */f.npy: this is not a .npy file, which begins with 93 4e 55 4d 50 59; it is a pickle; save the array by np.save(path, x) (pickles are never read, since they can run any program); see "Your own data" in experiments/README.md
2>     1 | dataset.x_path=f.npy
2>       |                ^~~~~
exit 3
$ : > f.npy; basin check numpy.yaml --set dataset.x_path=f.npy
2> --set dataset.x_path=f.npy:1:16: error: dataset.x_path: */f.npy: this is not a .npy file, which begins with 93 4e 55 4d 50 59; write it by np.save(path, x); see "Your own data" in experiments/README.md
2>     1 | dataset.x_path=f.npy
2>       |                ^~~~~
exit 3
$ mkfifo pipe; basin check numpy.yaml --set dataset.x_path=pipe
2> --set dataset.x_path=pipe:1:16: error: dataset.x_path: */pipe is not a regular file; see "Your own data" in experiments/README.md
2>     1 | dataset.x_path=pipe
2>       |                ^~~~
exit 3
$ python3 $HERE/npy.py f.npy "|S2" "(4,)" "b\"aab\\xffaaaa\""; basin check numpy.yaml --set dataset.y_path=f.npy
2> --set dataset.y_path=f.npy:1:16: error: dataset.y_path: */f.npy: element [1] (byte 69) is not a text in UTF-8; see "Your own data" in experiments/README.md
2>     1 | dataset.y_path=f.npy
2>       |                ^~~~~
exit 3
$ python3 $HERE/npy.py f.npy "|u1" "(3,)" "bytes(3)"; basin check numpy.yaml --set dataset.y_path=f.npy
2> --set dataset.y_path=f.npy:1:16: error: dataset.y_path: */x.npy holds 4 examples, but */f.npy holds 3 labels; see "Your own data" in experiments/README.md
2>     1 | dataset.y_path=f.npy
2>       |                ^~~~~
exit 3
$ basin check numpy.yaml --set dataset.path=a.npz
2> numpy.yaml:4:11: error: dataset.x_path: path and x_path exclude each other; give either path (an .npz file, whose arrays x, y, x_test, y_test name) or x_path and y_path (.npy files)
2>     4 |   x_path: x.npy
2>       |           ^~~~~
exit 2
$ basin check numpy.yaml --set dataset.y_path=null
2> numpy.yaml:4:11: error: dataset.x_path: x_path is given without y_path; examples and their labels are two .npy files
2>     4 |   x_path: x.npy
2>       |           ^~~~~
exit 2

# Archives of them.
$ python3 $HERE/npz.py a.npz x.npy=x.npy y.npy=y.npy; basin check npz.yaml
> npz.yaml: study npz, 1 run, no errors
>   data: 2 training and 2 test examples of 2 float32; 2 classes, labels 0 to 1
$ python3 $HERE/npz.py b.npz a/x.npy=x.npy y.npy=y.npy; basin check npz.yaml --set dataset.path=b.npz; basin check npz.yaml --set dataset.path=b.npz --set dataset.x=a/x
> npz.yaml: study npz, 1 run, no errors
>   data: 2 training and 2 test examples of 2 float32; 2 classes, labels 0 to 1
2> npz.yaml:2:1: error: dataset.x: there is no array "x"; */b.npz has "a/x", "y"; "x: NAME" names another
2>     2 | dataset:
2>       | ^~~~~~~
$ python3 $HERE/npz.py b.npz x.npy=x.npy y.npy=y.npy y.npy=y.npy; basin check npz.yaml --set dataset.path=b.npz
2> --set dataset.path=b.npz:1:14: error: dataset.path: */b.npz: there are two members "y.npy"; make the archive again, with one of them; see "Your own data" in experiments/README.md
2>     1 | dataset.path=b.npz
2>       |              ^~~~~
exit 3
$ python3 $HERE/npz.py b.npz x.npy=x.npy y.npy=y.npy --link y.npy; basin check npz.yaml --set dataset.path=b.npz
2> --set dataset.path=b.npz:1:14: error: dataset.path: */b.npz: member "y.npy" is a link, which is refused; make the archive with the files themselves (tar --dereference --hard-dereference); see "Your own data" in experiments/README.md
2>     1 | dataset.path=b.npz
2>       |              ^~~~~
exit 3
$ python3 $HERE/npz.py b.npz x.npy=x.npy y.npy=y.npy ../z.npy=y.npy; basin check npz.yaml --set dataset.path=b.npz
2> --set dataset.path=b.npz:1:14: error: dataset.path: */b.npz: member "../z.npy" has `..` in its path, which is refused; see "Your own data" in experiments/README.md
2>     1 | dataset.path=b.npz
2>       |              ^~~~~
exit 3
$ python3 $HERE/npz.py b.npz x.npy=x.npy y.npy=y.npy /z.npy=y.npy; basin check npz.yaml --set dataset.path=b.npz
2> --set dataset.path=b.npz:1:14: error: dataset.path: */b.npz: member "/z.npy" has an absolute path; make the archive with paths inside of it; see "Your own data" in experiments/README.md
2>     1 | dataset.path=b.npz
2>       |              ^~~~~
exit 3
$ python3 $HERE/npz.py b.npz x.npy=x.npy y.npy=y.npy --encrypted; basin check npz.yaml --set dataset.path=b.npz
2> --set dataset.path=b.npz:1:14: error: dataset.path: */b.npz: member "x.npy" is encrypted; make the archive without a password; see "Your own data" in experiments/README.md
2>     1 | dataset.path=b.npz
2>       |              ^~~~~
exit 3
$ python3 $HERE/npz.py b.npz y.npy=y.npy --bomb x.npy=50000000; basin check npz.yaml --set dataset.path=b.npz
2> --set dataset.path=b.npz:1:14: error: dataset.path: */b.npz: member "x.npy": this is not a .npy file, which begins with 93 4e 55 4d 50 59; write it by np.save(path, x); see "Your own data" in experiments/README.md
2>     1 | dataset.path=b.npz
2>       |              ^~~~~
exit 3
$ python3 $HERE/npz.py b.npz y.npy=y.npy archive/data.pkl=y.npy; basin check npz.yaml --set dataset.path=b.npz
2> npz.yaml:2:1: error: dataset.x: there is no array "x"; */b.npz was written by torch.save; np.savez(path, x=x.numpy(), y=y.numpy()) writes arrays that can be read; "x: NAME" names another
2>     2 | dataset:
2>       | ^~~~~~~
exit 2
$ head -c 100 a.npz > b.npz; basin check npz.yaml --set dataset.path=b.npz
2> --set dataset.path=b.npz:1:14: error: dataset.path: */b.npz: it begins like a zip archive, but has no directory at its end: it was cut off, or is damaged; see "Your own data" in experiments/README.md
2>     1 | dataset.path=b.npz
2>       |              ^~~~~
exit 3
$ sed s/NUMPY/NUMPX/ a.npz > b.npz; basin check npz.yaml --set dataset.path=b.npz
2> --set dataset.path=b.npz:1:14: error: dataset.path: */b.npz: member "x.npy" cannot be read: ZIP bad CRC*
2>     1 | dataset.path=b.npz
2>       |              ^~~~~
exit 3
$ basin check npz.yaml --set dataset.path=x.npy; tar cf b.npz x.npy y.npy; basin check npz.yaml --set dataset.path=b.npz
2> --set dataset.path=x.npy:1:14: error: dataset.path: */x.npy is a single array (.npy), not an .npz file; give each array its key: x_path, y_path, x_test_path, y_test_path; see "Your own data" in experiments/README.md
2>     1 | dataset.path=x.npy
2>       |              ^~~~~
2> --set dataset.path=b.npz:1:14: error: dataset.path: */b.npz is not an .npz file, which is a zip archive and begins with PK; write it by np.savez(path, x=x, y=y); see "Your own data" in experiments/README.md
2>     1 | dataset.path=b.npz
2>       |              ^~~~~
exit 3
$ python3 $HERE/npz.py b.npz y.npy=y.npy --bomb x.npy=50000000; basin run npz.yaml --set dataset.path=b.npz --memory 8M -o never
2> --set dataset.path=b.npz:1:14: error: dataset.path: */b.npz: member "x.npy" takes 48 MiB of memory, and there is room for 8.0 MiB; raise --memory, or make a smaller file; see "Your own data" in experiments/README.md
2>     1 | dataset.path=b.npz
2>       |              ^~~~~
exit 3
