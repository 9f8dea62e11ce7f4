# What is wrong with data is said before anything is trained, at the line that names them.
$ python3 $HERE/numbers.py a 1e39; sed '/sweep/,$d' $HERE/idx.yaml > idx.yaml; basin check idx.yaml
2> idx.yaml:6:16: error: dataset.test_images: */a/test-images, images: 1e+39 at element 3 of example 4 is beyond the range of float32; write precision: float64
2>     6 |   test_images: a/test-images
2>       |                ^~~~~~~~~~~~~
exit 3
$ basin check idx.yaml --set precision=float64
> idx.yaml: study idx, 1 run, no errors
