# What is wrong with data is said before anything is trained, at the line that names them.
$ python3 $HERE/numbers.py a 1e39; sed '/sweep/,$d' $HERE/idx.yaml > idx.yaml; basin check idx.yaml
2> idx.yaml:6:16: error: dataset.test_images: */a/test-images, images: 1e+39 at element 3 of example 4 is beyond the range of float32; write precision: float64
2>     6 |   test_images: a/test-images
2>       |                ^~~~~~~~~~~~~
exit 3
$ basin check idx.yaml --set precision=float64
> idx.yaml: study idx, 1 run, no errors
>   data: 20 training and 10 test examples of 2 x 2 float64; 2 classes, labels 0 to 1
2> note: data: test inputs are as large as 1e+39, but training inputs only as 79
2> note: data: 9 of 10 test examples equal a training example

# What is no file, and what is larger than the memory that is there, is not waited for.
$ cp $HERE/text.yaml .; mkfifo pipe; for p in pipe /dev/zero; do basin check text.yaml --set dataset.path=$p; done
2> *error: dataset.path: cannot read */pipe: it is not a regular file; see "Your own data" in experiments/README.md
2>...
2> *error: dataset.path: cannot read /dev/zero: it is not a regular file; see "Your own data" in experiments/README.md
2>...
exit 3
$ head -c 3000000 /dev/zero | tr '\0' x > long.txt; basin run text.yaml --set dataset.path=long.txt --memory 8M -o never
2> *error: dataset.path: */long.txt has 2.9 MiB, which take 8.6 MiB of memory, and there is room for 8.0 MiB; raise --memory, or use a shorter text; see "Your own data" in experiments/README.md
2>...
exit 3
$ basin run idx.yaml --memory 500 --set precision=float64 -o never
2> *error: dataset.train_images: */a/train-images takes *
2>...
exit 3

# A sweep over the seed of the data opens one data set, and each run is trained on its own.
$ printf 'study: s\ndataset: {name: mnist1d, train_size: 60, test_size: 20}\narchitecture: linear\ntraining: {epochs: 1}\nsweep: {grid: {dataset.seed: [0, 1, 2]}}\n' > s.yaml; basin run s.yaml -o s 2> /dev/null; for i in 0 1 2; do basin run s.yaml --set sweep=null --set dataset.seed=$i -o t 2> /dev/null; done; basin table s -f csv -c run_id,train_loss,test_loss | sort > s.csv; basin table t -f csv -c run_id,train_loss,test_loss | sort | cmp - s.csv && cut -d , -f 3 s.csv | sort -u | wc -l
> 4

# Test examples whose loss is not a number, though that of training is one: the run has finished, and says so.
$ python3 $HERE/numbers.py far 3.4e38; sed '/sweep/,$d; s#a/#far/#' $HERE/idx.yaml > far.yaml; basin run far.yaml -o far-out --set 'architecture={type: mlp, hidden: [64, 64], initializer: {type: kaiming, scale: 4}}' --set training.optimizer.learning_rate=1e-9
2> study idx: 1 run, 1 at a time, into far-out
2> note: data: test inputs are as large as 3.4e+38, but training inputs only as 79
2> note: data: 9 of 10 test examples equal a training example
2> [1/1] *  not a finite number: test_loss  *
2> 1 run finished in *
2> Next: basin table far-out
$ cut -d ' ' -f 3- far-out/logs/*
> warning: the run finished, but not with a finite number: test_loss
