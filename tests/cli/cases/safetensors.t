# safetensors files that are odd or damaged: each is read right, or refused with its place.
$ cp $HERE/*.yaml .; python3 $HERE/safetensors.py a.safetensors "{\"x\": {\"dtype\": \"U8\", \"shape\": [4, 2], \"data_offsets\": [0, 8]}, \"y\": {\"dtype\": \"U8\", \"shape\": [4], \"data_offsets\": [8, 12]}}" "bytes([1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 1, 0])"; basin check safetensors.yaml
> safetensors.yaml: study safetensors, 1 run, no errors
>   data: 2 training and 2 test examples of 2 bytes; 2 classes, labels 0 to 1
$ python3 $HERE/safetensors.py a.safetensors "{\"__metadata__\": {\"format\": \"pt\"}, \"x\": {\"dtype\": \"BF16\", \"shape\": [4, 1], \"data_offsets\": [0, 8]}, \"y\": {\"dtype\": \"U8\", \"shape\": [4], \"data_offsets\": [8, 12]}}" "bytes([1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 1, 0])"; basin check safetensors.yaml
> safetensors.yaml: study safetensors, 1 run, no errors
>   data: 2 training and 2 test examples of 1 float32; 2 classes, labels 0 to 1
$ python3 $HERE/safetensors.py a.safetensors "{\"x\": {\"dtype\": \"F16\", \"shape\": [4, 1, 1], \"data_offsets\": [0, 8]}, \"y\": {\"dtype\": \"U8\", \"shape\": [4], \"data_offsets\": [8, 12]}}" "bytes([1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 1, 0])"; basin check safetensors.yaml
> safetensors.yaml: study safetensors, 1 run, no errors
>   data: 2 training and 2 test examples of 1 x 1 float32; 2 classes, labels 0 to 1
$ python3 $HERE/safetensors.py a.safetensors "{\"x\": {\"dtype\": \"BOOL\", \"shape\": [4, 2], \"data_offsets\": [0, 8]}, \"y\": {\"dtype\": \"U8\", \"shape\": [4], \"data_offsets\": [8, 12]}}" "bytes([1, 0, 1, 1, 0, 0, 1, 0, 0, 1, 1, 0])"; basin check safetensors.yaml
> safetensors.yaml: study safetensors, 1 run, no errors
>   data: 2 training and 2 test examples of 2 float64; 2 classes, labels 0 to 1
2> note: data: feature 1 is constant over the training examples
2> note: data: 1 of 2 test examples equal a training example
$ python3 $HERE/safetensors.py a.safetensors "{\"x\": {\"dtype\": \"F8_E4M3\", \"shape\": [4, 2], \"data_offsets\": [0, 8]}, \"y\": {\"dtype\": \"U8\", \"shape\": [4], \"data_offsets\": [8, 12]}}" "bytes([1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 1, 0])"; basin check safetensors.yaml
2> safetensors.yaml:4:9: error: dataset.path: */a.safetensors: array "x" has the dtype F8_E4M3; F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8 and BOOL can be read; save it with another one: x.float() in PyTorch, x.astype(numpy.float32) in NumPy; see "Your own data" in experiments/README.md
2>     4 |   path: a.safetensors
2>       |         ^~~~~~~~~~~~~
exit 3
$ python3 $HERE/safetensors.py a.safetensors "{\"x\": {\"dtype\": \"C64\", \"shape\": [1], \"data_offsets\": [0, 8]}, \"y\": {\"dtype\": \"U8\", \"shape\": [4], \"data_offsets\": [8, 12]}}" "bytes([1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 1, 0])"; basin check safetensors.yaml
2> safetensors.yaml:4:9: error: dataset.path: */a.safetensors: array "x" has the dtype C64; F64, F32, F16, BF16, I64, I32, I16, I8, U64, U32, U16, U8 and BOOL can be read; save it with another one: x.float() in PyTorch, x.astype(numpy.float32) in NumPy; see "Your own data" in experiments/README.md
2>     4 |   path: a.safetensors
2>       |         ^~~~~~~~~~~~~
exit 3
$ python3 $HERE/safetensors.py a.safetensors "{\"x\": {\"dtype\": \"U8\", \"shape\": [4, 2], \"data_offsets\": [0, 8]}}" "bytes([1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 1, 0])"; basin check safetensors.yaml
2> safetensors.yaml:4:9: error: dataset.path: */a.safetensors: there are bytes behind the end of the last array: 4; see "Your own data" in experiments/README.md
2>     4 |   path: a.safetensors
2>       |         ^~~~~~~~~~~~~
exit 3
$ python3 $HERE/safetensors.py a.safetensors "{\"x\": {\"dtype\": \"U8\", \"shape\": [4, 2], \"data_offsets\": [0, 8]}, \"y\": {\"dtype\": \"U8\", \"shape\": [4], \"data_offsets\": [8, 12]}}" "bytes([1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 1, 0])[:-1]"; basin check safetensors.yaml
2> safetensors.yaml:4:9: error: dataset.path: */a.safetensors: array "y" ends at byte 12 of the data, which have 11 bytes: the file was cut off, or its header is damaged; see "Your own data" in experiments/README.md
2>     4 |   path: a.safetensors
2>       |         ^~~~~~~~~~~~~
exit 3
$ python3 $HERE/safetensors.py a.safetensors "{\"x\": {\"dtype\": \"U8\", \"shape\": [4, 2], \"data_offsets\": [0, 8]}, \"y\": {\"dtype\": \"U8\", \"shape\": [4], \"data_offsets\": [8, 12]}}" "bytes([1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 1, 0]) + b'!'"; basin check safetensors.yaml
2> safetensors.yaml:4:9: error: dataset.path: */a.safetensors: there are bytes behind the end of the last array: 1; see "Your own data" in experiments/README.md
2>     4 |   path: a.safetensors
2>       |         ^~~~~~~~~~~~~
exit 3
$ python3 $HERE/safetensors.py a.safetensors "{\"x\": {\"dtype\": \"U8\", \"shape\": [4, 1], \"data_offsets\": [0, 4]}, \"y\": {\"dtype\": \"U8\", \"shape\": [4], \"data_offsets\": [8, 12]}}" "bytes([1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 1, 0])"; basin check safetensors.yaml
2> safetensors.yaml:4:9: error: dataset.path: */a.safetensors: there is a hole at byte 4 of the data, before array "y"; see "Your own data" in experiments/README.md
2>     4 |   path: a.safetensors
2>       |         ^~~~~~~~~~~~~
exit 3
$ python3 $HERE/safetensors.py a.safetensors "{\"x\": {\"dtype\": \"U8\", \"shape\": [4, 3], \"data_offsets\": [0, 12]}, \"y\": {\"dtype\": \"U8\", \"shape\": [4], \"data_offsets\": [8, 12]}}" "bytes([1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 1, 0])"; basin check safetensors.yaml
2> safetensors.yaml:4:9: error: dataset.path: */a.safetensors: arrays overlap at byte 8 of the data, before array "y"; see "Your own data" in experiments/README.md
2>     4 |   path: a.safetensors
2>       |         ^~~~~~~~~~~~~
exit 3
$ python3 $HERE/safetensors.py a.safetensors "{\"x\": {\"dtype\": \"U8\", \"shape\": [4, 3], \"data_offsets\": [0, 8]}, \"y\": {\"dtype\": \"U8\", \"shape\": [4], \"data_offsets\": [8, 12]}}" "bytes([1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 1, 0])"; basin check safetensors.yaml
2> safetensors.yaml:4:9: error: dataset.path: */a.safetensors: array "x" has data_offsets that do not fit its dtype and shape; see "Your own data" in experiments/README.md
2>     4 |   path: a.safetensors
2>       |         ^~~~~~~~~~~~~
exit 3
$ python3 $HERE/safetensors.py a.safetensors "{\"x\": {\"dtype\": \"I64\", \"shape\": [1099511627776, 1099511627776], \"data_offsets\": [0, 8]}, \"y\": {\"dtype\": \"U8\", \"shape\": [4], \"data_offsets\": [8, 12]}}" "bytes([1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 1, 0])"; basin check safetensors.yaml
2> safetensors.yaml:4:9: error: dataset.path: */a.safetensors: array "x" has data_offsets that do not fit its dtype and shape; see "Your own data" in experiments/README.md
2>     4 |   path: a.safetensors
2>       |         ^~~~~~~~~~~~~
exit 3
$ python3 $HERE/safetensors.py a.safetensors "{\"x\": {\"dtype\": \"U8\", \"shape\": [], \"data_offsets\": [0, 8]}, \"y\": {\"dtype\": \"U8\", \"shape\": [4], \"data_offsets\": [8, 12]}}" "bytes([1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 1, 0])"; basin check safetensors.yaml
2> safetensors.yaml:4:9: error: dataset.path: */a.safetensors: array "x" has data_offsets that do not fit its dtype and shape; see "Your own data" in experiments/README.md
2>     4 |   path: a.safetensors
2>       |         ^~~~~~~~~~~~~
exit 3
$ python3 $HERE/safetensors.py a.safetensors "{\"x\": {\"dtype\": \"U8\", \"shape\": [2, 2, 1, 1, 2], \"data_offsets\": [0, 8]}, \"y\": {\"dtype\": \"U8\", \"shape\": [4], \"data_offsets\": [8, 12]}}" "bytes([1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 1, 0])"; basin check safetensors.yaml
2> safetensors.yaml:4:9: error: dataset.path: */a.safetensors: array "x" has 5 dimensions; 1 to 4 can be read; x.reshape(len(x), -1) makes each example a row; see "Your own data" in experiments/README.md
2>     4 |   path: a.safetensors
2>       |         ^~~~~~~~~~~~~
exit 3
$ python3 $HERE/safetensors.py a.safetensors "{\"x\": {\"dtype\": \"U8\", \"shape\": [4, 2], \"data_offsets\": [8, 0]}, \"y\": {\"dtype\": \"U8\", \"shape\": [4], \"data_offsets\": [8, 12]}}" "bytes([1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 1, 0])"; basin check safetensors.yaml
2> safetensors.yaml:4:9: error: dataset.path: */a.safetensors: array "x" has no data_offsets [begin, end]; see "Your own data" in experiments/README.md
2>     4 |   path: a.safetensors
2>       |         ^~~~~~~~~~~~~
exit 3
$ python3 $HERE/safetensors.py a.safetensors "{\"x\": {\"dtype\": \"U8\", \"shape\": [4, 2], \"data_offsets\": [0, 8]}, \"y\": {\"dtype\": \"U8\", \"shape\": [4], \"data_offsets\": [8, 12]}, \"y\": {}}" "bytes([1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 1, 0])"; basin check safetensors.yaml
2> safetensors.yaml:4:9: error: dataset.path: */a.safetensors: the header (byte 8): not JSON: line 1, column 128: *
2>     4 |   path: a.safetensors
2>       |         ^~~~~~~~~~~~~
exit 3
$ python3 $HERE/safetensors.py a.safetensors "{\"x\": {\"dtype\": \"U8\", \"shape\": [4, 2], \"data_offsets\": [0, 8]}, \"y\": {\"dtype\": \"U8\", \"shape\": [4], \"data_offsets\": [8, 12]}, \"__metadata__\": 3}" "bytes([1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 1, 0])"; basin check safetensors.yaml
2> safetensors.yaml:4:9: error: dataset.path: */a.safetensors: __metadata__ of the header is not an object of texts; see "Your own data" in experiments/README.md
2>     4 |   path: a.safetensors
2>       |         ^~~~~~~~~~~~~
exit 3
$ python3 $HERE/safetensors.py a.safetensors "{\"x\": {\"dtype\": \"U8\", \"shape\": [4, 2], \"data_offsets\": [0, 8]},}" "bytes([1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 1, 0])"; basin check safetensors.yaml
2> safetensors.yaml:4:9: error: dataset.path: */a.safetensors: the header (byte 8): not JSON: line 1, column 64: *
2>     4 |   path: a.safetensors
2>       |         ^~~~~~~~~~~~~
exit 3
$ python3 $HERE/safetensors.py a.safetensors "{\"x\": {\"dtype\": \"U64\", \"shape\": [1], \"data_offsets\": [0, 8]}, \"y\": {\"dtype\": \"U8\", \"shape\": [4], \"data_offsets\": [8, 12]}}" "bytes([255]) * 12"; basin check safetensors.yaml
2> safetensors.yaml:4:9: error: dataset.path: */a.safetensors: array "x": element [0] (byte 130) is 18446744073709551615, too large for 64 bits with a sign; see "Your own data" in experiments/README.md
2>     4 |   path: a.safetensors
2>       |         ^~~~~~~~~~~~~
exit 3
$ python3 $HERE/safetensors.py a.safetensors "{\"x\": {\"dtype\": \"BOOL\", \"shape\": [4, 2], \"data_offsets\": [0, 8]}, \"y\": {\"dtype\": \"U8\", \"shape\": [4], \"data_offsets\": [8, 12]}}" "bytes([1, 2, 3, 4, 5, 6, 7, 8, 0, 1, 1, 0])"; basin check safetensors.yaml
2> safetensors.yaml:4:9: error: dataset.path: */a.safetensors: array "x": element [0, 1] (byte 135) is 02; a boolean is 00 or 01; see "Your own data" in experiments/README.md
2>     4 |   path: a.safetensors
2>       |         ^~~~~~~~~~~~~
exit 3
$ printf "\377\377\377\377\377\377\377\377{}" > a.safetensors; basin check safetensors.yaml
2> safetensors.yaml:4:9: error: dataset.path: */a.safetensors: this is not a safetensors file: its first 8 bytes are 18446744073709551615, more than the length of any header; safetensors.numpy.save_file({'x': x, 'y': y}, path) writes one; see "Your own data" in experiments/README.md
2>     4 |   path: a.safetensors
2>       |         ^~~~~~~~~~~~~
exit 3
$ printf "\2\0\0\0\0\0\0\0[]" > a.safetensors; basin check safetensors.yaml
2> safetensors.yaml:4:9: error: dataset.path: */a.safetensors: this is not a safetensors file: its header does not begin with {; see "Your own data" in experiments/README.md
2>     4 |   path: a.safetensors
2>       |         ^~~~~~~~~~~~~
exit 3
$ : > a.safetensors; basin check safetensors.yaml
2> safetensors.yaml:4:9: error: dataset.path: */a.safetensors: this is not a safetensors file: it has only 0 bytes; safetensors.numpy.save_file({'x': x, 'y': y}, path) writes one; see "Your own data" in experiments/README.md
2>     4 |   path: a.safetensors
2>       |         ^~~~~~~~~~~~~
exit 3
