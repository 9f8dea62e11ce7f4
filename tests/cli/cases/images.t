# Folders of pictures: what is read, and what is refused, with its file.
$ cp $HERE/images.yaml .; python3 $HERE/pictures.py p odd; basin check images.yaml
> images.yaml: study images, 1 run, no errors
>   data: 6 training and 2 test examples of 4 x 4 bytes; 2 classes (a, b)
$ basin check images.yaml --set dataset.size=[3,5] --set dataset.color=rgb
> images.yaml: study images, 1 run, no errors
>   data: 6 training and 2 test examples of 3 x 5 x 3 bytes; 2 classes (a, b)

# Odd files, one by one.
$ cp odd/none p/b/odd; basin check images.yaml
2> images.yaml:2:31: error: dataset.path: */p/b/odd is empty, not a PNG or JPEG picture; convert it, move it elsewhere, or hide it by a name that begins with a dot; see "Your own data" in experiments/README.md
2>...
exit 3
$ cp odd/text p/b/odd; basin check images.yaml
2> images.yaml:2:31: error: dataset.path: */p/b/odd is of another kind, not a PNG or JPEG picture; convert it, move it elsewhere, or hide it by a name that begins with a dot; see "Your own data" in experiments/README.md
2>...
exit 3
$ cp odd/gif p/b/odd; basin check images.yaml
2> images.yaml:2:31: error: dataset.path: */p/b/odd is a GIF file, not a PNG or JPEG picture; convert it, move it elsewhere, or hide it by a name that begins with a dot; see "Your own data" in experiments/README.md
2>...
exit 3
$ cp odd/webp p/b/odd; basin check images.yaml
2> images.yaml:2:31: error: dataset.path: */p/b/odd is a WebP file, not a PNG or JPEG picture; convert it, move it elsewhere, or hide it by a name that begins with a dot; see "Your own data" in experiments/README.md
2>...
exit 3
$ cp odd/bmp p/b/odd; basin check images.yaml
2> images.yaml:2:31: error: dataset.path: */p/b/odd is a BMP file, not a PNG or JPEG picture; convert it, move it elsewhere, or hide it by a name that begins with a dot; see "Your own data" in experiments/README.md
2>...
exit 3
$ cp odd/tiff p/b/odd; basin check images.yaml
2> images.yaml:2:31: error: dataset.path: */p/b/odd is a TIFF file, not a PNG or JPEG picture; convert it, move it elsewhere, or hide it by a name that begins with a dot; see "Your own data" in experiments/README.md
2>...
exit 3
$ cp odd/zip p/b/odd; basin check images.yaml
2> images.yaml:2:31: error: dataset.path: */p/b/odd is a zip archive, not a PNG or JPEG picture; convert it, move it elsewhere, or hide it by a name that begins with a dot; see "Your own data" in experiments/README.md
2>...
exit 3
$ cp odd/cut p/b/odd; basin check images.yaml
2> images.yaml:2:31: error: dataset.path: */p/b/odd is a damaged PNG file: the file ends early (byte *); copy it again, or make it again; see "Your own data" in experiments/README.md
2>...
exit 3
$ cp odd/crc p/b/odd; basin check images.yaml
2> images.yaml:2:31: error: dataset.path: */p/b/odd is a damaged PNG file: IDAT: CRC error (byte *); copy it again, or make it again; see "Your own data" in experiments/README.md
2>...
exit 3
$ cp odd/newlines p/b/odd; basin check images.yaml
2> images.yaml:2:31: error: dataset.path: */p/b/odd is a PNG file with a damaged signature, not a PNG or JPEG picture; convert it, move it elsewhere, or hide it by a name that begins with a dot; see "Your own data" in experiments/README.md
2>...
exit 3
$ cp odd/wide p/b/odd; basin check images.yaml
2> images.yaml:2:31: error: dataset.path: */p/b/odd has 4 x 5 pixels, but */p/a/0.png has 4 x 4; size: [4, 4] resizes all pictures to the first one's height and width; see "Your own data" in experiments/README.md
2>...
exit 3
$ cp odd/color p/b/odd; basin check images.yaml
2> images.yaml:2:31: error: dataset.path: */p/b/odd is coloured, but */p/a/0.png is grey; color: rgb reads all pictures as colour, color: grey as grey; see "Your own data" in experiments/README.md
2>...
exit 3
$ cp odd/alpha p/b/odd; basin check images.yaml
2> images.yaml:2:31: error: dataset.path: */p/b/odd: row 3, column 3: alpha is 128, but only opaque pictures can be read; lay it on a background: convert IN.png -background white -flatten OUT.png; see "Your own data" in experiments/README.md
2>...
exit 3
$ cp odd/keyed p/b/odd; basin check images.yaml
2> images.yaml:2:31: error: dataset.path: */p/b/odd: row 3, column 3: alpha is 0, but only opaque pictures can be read; lay it on a background: convert IN.png -background white -flatten OUT.png; see "Your own data" in experiments/README.md
2>...
exit 3
$ cp odd/deep p/b/odd; basin check images.yaml
2> images.yaml:2:31: error: dataset.path: */p/b/odd: row 3, column 3: the 16-bit sample 4113 does not fit into 8 bits; reduce the picture (convert IN.png -depth 8 OUT.png), or bring its numbers in full as a NumPy or HDF5 array; see "Your own data" in experiments/README.md
2>...
exit 3
$ cp odd/bomb p/b/odd; basin check images.yaml
2> images.yaml:2:31: error: dataset.path: */p/b/odd claims 100000 x 100000 pixels, more than a file of 957 bytes can hold; see "Your own data" in experiments/README.md
2>...
exit 3
$ cp odd/bomb-max p/b/odd; basin check images.yaml
2> images.yaml:2:31: error: dataset.path: */p/b/odd claims 2147483647 x 2147483647 pixels, more than a file of 957 bytes can hold; see "Your own data" in experiments/README.md
2>...
exit 3
$ cp odd/zero p/b/odd; basin check images.yaml
2> images.yaml:2:31: error: dataset.path: */p/b/odd is a damaged PNG file: Invalid IHDR data (byte 33); copy it again, or make it again; see "Your own data" in experiments/README.md
2>...
exit 3
$ cp odd/negative p/b/odd; basin check images.yaml
2> images.yaml:2:31: error: dataset.path: */p/b/odd is a damaged PNG file: PNG unsigned integer out of range (byte 33); copy it again, or make it again; see "Your own data" in experiments/README.md
2>...
exit 3
$ cp odd/no-pixels p/b/odd; basin check images.yaml
2> images.yaml:2:31: error: dataset.path: */p/b/odd is a damaged PNG file: IEND: out of place (byte 41); copy it again, or make it again; see "Your own data" in experiments/README.md
2>...
exit 3
$ cp odd/no-palette p/b/odd; basin check images.yaml
2> images.yaml:2:31: error: dataset.path: */p/b/odd is a damaged PNG file: IDAT: Missing PLTE before IDAT (byte 41); copy it again, or make it again; see "Your own data" in experiments/README.md
2>...
exit 3
$ cp odd/short-palette p/b/odd; basin check images.yaml --set dataset.color=rgb
2> images.yaml:2:31: error: dataset.path: */p/b/odd is a damaged PNG file: a colour beyond its palette (byte *); copy it again, or make it again; see "Your own data" in experiments/README.md
2>...
exit 3
$ cp odd/few-rows p/b/odd; basin check images.yaml
2> images.yaml:2:31: error: dataset.path: */p/b/odd is a damaged PNG file: Not enough image data (byte *); copy it again, or make it again; see "Your own data" in experiments/README.md
2>...
exit 3
$ cp odd/depth-3 p/b/odd; basin check images.yaml
2> images.yaml:2:31: error: dataset.path: */p/b/odd is a damaged PNG file: Invalid IHDR data (byte 33); copy it again, or make it again; see "Your own data" in experiments/README.md
2>...
exit 3
$ cp odd/kind-5 p/b/odd; basin check images.yaml
2> images.yaml:2:31: error: dataset.path: */p/b/odd is a damaged PNG file: Invalid IHDR data (byte 33); copy it again, or make it again; see "Your own data" in experiments/README.md
2>...
exit 3
$ cp odd/cmyk p/b/odd; basin check images.yaml
2> images.yaml:2:31: error: dataset.path: */p/b/odd is a JPEG file of 4 channels (CMYK); grey and colour can be read; convert it: convert IN.jpg -colorspace sRGB OUT.jpg; see "Your own data" in experiments/README.md
2>...
exit 3
$ cp odd/jpeg-cut p/b/odd; basin check images.yaml --set dataset.size=4
2> images.yaml:2:31: error: dataset.path: */p/b/odd is a damaged JPEG file: Premature end of JPEG file; copy it again, or make it again; see "Your own data" in experiments/README.md
2>...
exit 3
$ cp odd/jpeg-empty p/b/odd; basin check images.yaml
2> images.yaml:2:31: error: dataset.path: */p/b/odd is a damaged JPEG file: JPEG datastream contains no image; copy it again, or make it again; see "Your own data" in experiments/README.md
2>...
exit 3

# Files that are fine after all.
$ for odd in opaque deep-exact bits behind tagged; do cp odd/$odd p/b/odd; basin check images.yaml | tail -n 1; done
>   data: 7 training and 2 test examples of 4 x 4 bytes; 2 classes (a, b)
>   data: 7 training and 2 test examples of 4 x 4 bytes; 2 classes (a, b)
>   data: 7 training and 2 test examples of 4 x 4 bytes; 2 classes (a, b)
>   data: 7 training and 2 test examples of 4 x 4 bytes; 2 classes (a, b)
>   data: 7 training and 2 test examples of 4 x 4 bytes; 2 classes (a, b)
$ cp odd/wide p/b/odd; basin check images.yaml --set dataset.size=6; cp odd/color p/b/odd; basin check images.yaml --set dataset.color=grey | tail -n 1
> images.yaml: study images, 1 run, no errors
>   data: 7 training and 2 test examples of 6 x 6 bytes; 2 classes (a, b)
>   data: 7 training and 2 test examples of 4 x 4 bytes; 2 classes (a, b)

# What lies beside pictures is no picture.
$ rm p/b/odd; touch p/readme.txt; basin check images.yaml
2> images.yaml:2:31: error: dataset.path: */p/readme.txt is no folder: */p has one folder of pictures for each class; move it elsewhere, or hide it by a name that begins with a dot; if a CSV file has the labels, add labels: FILE.csv; see "Your own data" in experiments/README.md
2>...
exit 3
$ mv p/readme.txt p/.readme.txt; mkdir p/b/more; basin check images.yaml
2> images.yaml:2:31: error: dataset.path: */p/b/more is a folder inside the class "b", whose pictures lie in its folder itself; move it elsewhere, or hide it by a name that begins with a dot; see "Your own data" in experiments/README.md
2>...
exit 3
$ mv p/b/more p/c; basin check images.yaml
2> images.yaml:2:31: error: dataset.path: */p/c has no pictures: the class "c" has no examples; remove the folder, or put pictures into it; see "Your own data" in experiments/README.md
2>...
exit 3
$ rmdir p/c; ln -s ../a/0.png p/b/link; basin check images.yaml | tail -n 1
>   data: 7 training and 2 test examples of 4 x 4 bytes; 2 classes (a, b)
2> note: data: 1 of 2 test examples have the input of a training example, with another label
$ ln -sf nowhere p/b/link; basin check images.yaml
2> images.yaml:2:31: error: dataset.path: cannot read */p/b/link: No such file or directory; a relative path starts at the folder of the spec
2>...
exit 3
$ rm p/b/link; mkfifo p/b/pipe; basin check images.yaml; rm p/b/pipe
2> images.yaml:2:31: error: dataset.path: */p/b/pipe is not a regular file; move it elsewhere, or hide it by a name that begins with a dot; see "Your own data" in experiments/README.md
2>...

# Labels in a table.
$ printf 'file,label\na/0.png,1.5\nb/0.png,2\nb/1.png,-1\n' > l.csv; basin check images.yaml --set dataset.labels=l.csv
> images.yaml: study images, 1 run, no errors
>   data: 2 training and 1 test examples of 4 x 4 bytes; 1 target, -1 to 2
$ printf 'file,label\na/0.png,x\n../q/secret.png,y\n' > l.csv; basin check images.yaml --set dataset.labels=l.csv
2> --set dataset.labels=l.csv:1:16: error: dataset.labels: */l.csv, line 3: "../q/secret.png" leads out of the folder of the pictures; names of files are relative to the folder of the pictures, and stay inside it; see "Your own data" in experiments/README.md
2>...
exit 3
$ printf 'file,label\na/0.png,x\n/etc/passwd,y\n' > l.csv; basin check images.yaml --set dataset.labels=l.csv
2> --set dataset.labels=l.csv:1:16: error: dataset.labels: */l.csv, line 3: "/etc/passwd" is an absolute path; names of files are relative to the folder of the pictures, and stay inside it; see "Your own data" in experiments/README.md
2>...
exit 3
$ printf 'file,label\na/0.png,x\na/9.png,y\n' > l.csv; basin check images.yaml --set dataset.labels=l.csv
2> --set dataset.labels=l.csv:1:16: error: dataset.labels: */l.csv, line 3: there is no file "a/9.png" in */p; names of files are relative to the folder of the pictures; see "Your own data" in experiments/README.md
2>...
exit 3
$ printf 'file,label\na/0.png,x\na/1.png,3\n' > l.csv; basin check images.yaml --set dataset.labels=l.csv
2> --set dataset.labels=l.csv:1:16: error: dataset.labels: */l.csv, line 3: the label "3" is a number, but that of line 2 is a text; labels are all numbers or all texts; class 3 among texts could be "class 3"; see "Your own data" in experiments/README.md
2>...
exit 3
$ printf 'file;label\na/0.png;x\n' > l.csv; basin check images.yaml --set dataset.labels=l.csv
2> --set dataset.labels=l.csv:1:16: error: dataset.labels: */l.csv, line 1: there is 1 cell; two are wanted, the name of a file and its label; separate them by a comma; see "Your own data" in experiments/README.md
2>...
exit 3
$ printf 'file,label\nsub,x\n' > l.csv; mkdir p/sub; basin check images.yaml --set dataset.labels=l.csv; rmdir p/sub
2> images.yaml:2:31: error: dataset.path: */p/sub is a folder, not a picture; see "Your own data" in experiments/README.md
2>...
$ basin check images.yaml --set dataset.labels=none.csv
2> --set dataset.labels=none.csv:1:16: error: dataset.labels: cannot open */none.csv: No such file or directory; a relative path starts at the folder of the spec
2>...
exit 3
$ mkdir empty; basin check images.yaml --set dataset.path=empty; basin check images.yaml --set dataset.path=none; basin check images.yaml --set dataset.path=images.yaml
2> --set dataset.path=empty:1:14: error: dataset.path: */empty is empty; it should have one folder of pictures for each class; see "Your own data" in experiments/README.md
2>...
exit 3

# Training and test data.
$ basin check images.yaml --set dataset.test_path=p
2> --set dataset.test_path=p:1:19: error: dataset.test_path: */p, pictures: the test examples are the training examples, one by one, so that test numbers would say nothing of unseen data; name other data to test on, or leave them out and write test_fraction: 0.2; see "Your own data" in experiments/README.md
2>...
exit 3
$ cp -r p q; basin check images.yaml --set dataset.test_path=q --set dataset.test_fraction=0
2> --set dataset.test_path=q:1:19: error: dataset.test_path: */q, pictures: the test examples are the training examples, one by one, so that test numbers would say nothing of unseen data; name other data to test on, or leave them out and write test_fraction: 0.2; see "Your own data" in experiments/README.md
2>...
exit 3
