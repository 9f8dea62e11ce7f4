# CIFAR-10 and CIFAR-100: what is read, and what is refused, with its file and byte.
$ cp $HERE/cifar.yaml .; python3 $HERE/cifar.py c; basin check cifar.yaml 2> /dev/null
> cifar.yaml: study cifar, 1 run, no errors
>   data: 24 training and 6 test examples of 32 x 32 x 3 bytes; 10 classes (airplane, automobile, bird, ...)
$ for labels in fine coarse; do basin check cifar.yaml --set dataset.name=cifar100 --set dataset.labels=$labels 2> /dev/null; done
> cifar.yaml: study cifar, 1 run, no errors
>   data: 12 training and 6 test examples of 32 x 32 x 3 bytes; 100 classes (apple, aquarium_fish, baby, ...)
> cifar.yaml: study cifar, 1 run, no errors
>   data: 12 training and 6 test examples of 32 x 32 x 3 bytes; 20 classes (aquatic_mammals, fish, flowers, ...)

# Odd files, one by one.
$ python3 $HERE/cifar.py c cut; basin check cifar.yaml
2> cifar.yaml:2:32: error: dataset.path: */c/data_batch_2.bin has 36875 bytes, which is no whole number of records of CIFAR-10, 3073 bytes each; a copy that ended early? Copy it again; CIFAR-10 has records of 3073 bytes, CIFAR-100 of 3074; see "Your own data" in experiments/README.md
2>...
exit 3
$ python3 $HERE/cifar.py c long; basin check cifar.yaml
2> cifar.yaml:2:32: error: dataset.path: */c/test_batch.bin has 18439 bytes, which is no whole number of records of CIFAR-10, 3073 bytes each; a copy that ended early? Copy it again; CIFAR-10 has records of 3073 bytes, CIFAR-100 of 3074; see "Your own data" in experiments/README.md
2>...
exit 3
$ python3 $HERE/cifar.py c empty; basin check cifar.yaml
2> cifar.yaml:2:32: error: dataset.path: */c/data_batch_1.bin has 0 bytes, which is no whole number of records of CIFAR-10, 3073 bytes each; a copy that ended early? Copy it again; CIFAR-10 has records of 3073 bytes, CIFAR-100 of 3074; see "Your own data" in experiments/README.md
2>...
exit 3
$ python3 $HERE/cifar.py c label; basin check cifar.yaml
2> cifar.yaml:2:32: error: dataset.path: */c/data_batch_2.bin: label 10 of record 2 is not a class of CIFAR-10, 0 to 9 (byte 6146); see "Your own data" in experiments/README.md
2>...
exit 3
$ python3 $HERE/cifar.py c hundred; basin check cifar.yaml
2> cifar.yaml:2:32: error: dataset.path: */c/data_batch_1.bin has 36888 bytes, which is no whole number of records of CIFAR-10, 3073 bytes each; a copy that ended early? Copy it again; CIFAR-10 has records of 3073 bytes, CIFAR-100 of 3074; see "Your own data" in experiments/README.md
2>...
exit 3
$ python3 $HERE/cifar.py c no-test; basin check cifar.yaml
2> cifar.yaml:2:32: error: dataset.path: */c has no file test_batch.bin, which belongs to CIFAR-10; the binary version is wanted: cifar-10-binary.tar.gz of https://www.cs.toronto.edu/~kriz/cifar.html, as it is or unpacked; see "Your own data" in experiments/README.md
2>...
exit 3
$ python3 $HERE/cifar.py c no-first; basin check cifar.yaml
2> cifar.yaml:2:32: error: dataset.path: */c has no file data_batch_1.bin, which belongs to CIFAR-10; the binary version is wanted: cifar-10-binary.tar.gz of https://www.cs.toronto.edu/~kriz/cifar.html, as it is or unpacked; see "Your own data" in experiments/README.md
2>...
exit 3
$ python3 $HERE/cifar.py c gap; basin check cifar.yaml
2> cifar.yaml:2:32: error: dataset.path: */c has no file data_batch_2.bin, which belongs to CIFAR-10; the binary version is wanted: cifar-10-binary.tar.gz of https://www.cs.toronto.edu/~kriz/cifar.html, as it is or unpacked; see "Your own data" in experiments/README.md
2>...
exit 3
$ python3 $HERE/cifar.py c python; basin check cifar.yaml
2> cifar.yaml:2:32: error: dataset.path: */c is the Python version of CIFAR-10, which is pickles; get the binary version from https://www.cs.toronto.edu/~kriz/cifar.html; see "Your own data" in experiments/README.md
2>...
exit 3
$ python3 $HERE/cifar.py c few-names; basin check cifar.yaml
2> cifar.yaml:2:32: error: dataset.path: */c/batches.meta.txt has 2 names of classes; CIFAR-10 has 10; one name a line; without the file the published names are taken; see "Your own data" in experiments/README.md
2>...
exit 3
$ python3 $HERE/cifar.py c many-names; basin check cifar.yaml
2> cifar.yaml:2:32: error: dataset.path: */c/batches.meta.txt has 101 names of classes; CIFAR-10 has 10; one name a line; without the file the published names are taken; see "Your own data" in experiments/README.md
2>...
exit 3
$ python3 $HERE/cifar.py c latin-names; basin check cifar.yaml
2> cifar.yaml:2:32: error: dataset.path: */c/batches.meta.txt is no text in UTF-8; see "Your own data" in experiments/README.md
2>...
exit 3
$ python3 $HERE/cifar.py c coarse; basin check cifar.yaml --set dataset.name=cifar100 --set dataset.labels=coarse
2> cifar.yaml:2:32: error: dataset.path: */c/train.bin: label 20 of record 0 is not a class of CIFAR-100, 0 to 19 (byte 0); see "Your own data" in experiments/README.md
2>...
exit 3
$ python3 $HERE/cifar.py c fine; basin check cifar.yaml --set dataset.name=cifar100
2> cifar.yaml:2:32: error: dataset.path: */c/train.bin: label 100 of record 0 is not a class of CIFAR-100, 0 to 99 (byte 1); see "Your own data" in experiments/README.md
2>...
exit 3

# Names of classes are those of the file.
$ for names in names windows-names; do python3 $HERE/cifar.py c $names; basin check cifar.yaml 2> /dev/null | tail -n 1; done
>   data: 24 training and 6 test examples of 32 x 32 x 3 bytes; 10 classes (class 0, class 1, class 2, ...)
>   data: 24 training and 6 test examples of 32 x 32 x 3 bytes; 10 classes (class 0, class 1, class 2, ...)

# The folder above, and archives.
$ mkdir -p above/cifar-10-batches-bin; cp c/*batch*.bin above/cifar-10-batches-bin; for path in above good.tar.gz plain.tar flat.tar.gz; do basin check cifar.yaml --set dataset.path=$path 2> /dev/null | tail -n 1; done
>   data: 24 training and 6 test examples of 32 x 32 x 3 bytes; 10 classes (airplane, automobile, bird, ...)
>   data: 24 training and 6 test examples of 32 x 32 x 3 bytes; 10 classes (airplane, automobile, bird, ...)
>   data: 24 training and 6 test examples of 32 x 32 x 3 bytes; 10 classes (airplane, automobile, bird, ...)
>   data: 24 training and 6 test examples of 32 x 32 x 3 bytes; 10 classes (airplane, automobile, bird, ...)
$ basin check cifar.yaml --set dataset.path=lacking.tar.gz
2> --set dataset.path=lacking.tar.gz:1:14: error: dataset.path: */lacking.tar.gz has no file test_batch.bin, which belongs to CIFAR-10; the binary version is wanted: cifar-10-binary.tar.gz of https://www.cs.toronto.edu/~kriz/cifar.html, as it is or unpacked; see "Your own data" in experiments/README.md
2>...
exit 3
$ basin check cifar.yaml --set dataset.path=linked.tar.gz
2> --set dataset.path=linked.tar.gz:1:14: error: dataset.path: */linked.tar.gz: member "cifar-10-batches-bin/data_batch_3.bin" is a link, which is refused; make the archive with the files themselves (tar --dereference --hard-dereference); see "Your own data" in experiments/README.md
2>...
exit 3
$ basin check cifar.yaml --set dataset.path=upwards.tar.gz
2> --set dataset.path=upwards.tar.gz:1:14: error: dataset.path: */upwards.tar.gz: member "../data_batch_1.bin" has `..` in its path, which is refused; see "Your own data" in experiments/README.md
2>...
exit 3
$ basin check cifar.yaml --set dataset.path=cut.tar.gz
2> --set dataset.path=cut.tar.gz:1:14: error: dataset.path: */cut.tar.gz: the file ends early (byte *); see "Your own data" in experiments/README.md
2>...
exit 3
$ basin check cifar.yaml --set dataset.path=flipped.tar.gz
2> --set dataset.path=flipped.tar.gz:1:14: error: dataset.path: */flipped.tar.gz: the gzip data are damaged (byte *); see "Your own data" in experiments/README.md
2>...
exit 3
$ basin check cifar.yaml --set dataset.path=c/data_batch_1.bin
2> --set dataset.path=c/data_batch_1.bin:1:14: error: dataset.path: */c/data_batch_1.bin: this is not a zip, tar or tar.gz archive; see "Your own data" in experiments/README.md
2>...
exit 3
$ basin check cifar.yaml --set dataset.path=nowhere
2> --set dataset.path=nowhere:1:14: error: dataset.path: cannot open */nowhere: No such file or directory; a relative path starts at the folder of the spec
2>...
exit 3
$ basin check cifar.yaml --set dataset.name=cifar100 --set dataset.labels=both
2> --set dataset.labels=both:1:16: error: dataset.labels: expected one of fine, coarse, found "both"
2>...
exit 2
