# The specs in the manual are right: the first study, a list of layers, a sweep of lists, a text.
$ python3 $HERE/pictures.py pictures/train; python3 $HERE/pictures.py pictures/test; for part in train test; do printf '%s\n' file,label $part/a/{0,1}.png,a $part/b/{0,1}.png,b > $part.csv; done
$ python3 $HERE/cifar.py c; mv good.tar.gz cifar-10-binary.tar.gz
$ python3 $HERE/csv_manual.py
$ for i in $(seq 400); do printf 'the quick brown fox. '; done > letters.txt; python3 $HERE/readme.py $HERE/../../../experiments/README.md; basin check manual-*.yaml
> manual-0.yaml: study flatness-and-decay, 18 runs, no errors
>   data: 10000 training and 1000 test examples of 40 float32; 10 classes, labels 0 to 9
> manual-1.yaml: study manual, 1 run, no errors
>   data: 4000 training and 1000 test examples of 40 float32; 10 classes, labels 0 to 9
> manual-10.yaml: study manual, 1 run, no errors
>   data: 4000 training and 1000 test examples of 40 float32; 10 classes, labels 0 to 9
> manual-11.yaml: study manual, 1 run, no errors
>   data: 28 training, 4 validation and 8 test examples of 4 float64; 1 target, 0.5 to 6.5; target "price"; 1 column of texts
> manual-12.yaml: study manual, 1 run, no errors
>   data: 32 training and 8 test examples of 4 float64; 1 target, 0.5 to 6.5; target "price"; 1 column of texts
> manual-13.yaml: study manual, 1 run, no errors
>   data: 36 training and 4 test examples of 28 x 28 bytes; 10 classes, labels 0 to 9; target "label"
> manual-14.yaml: study manual, 1 run, no errors
>   data: 8 training and 8 test examples of 32 x 32 bytes; 2 classes (a, b)
> manual-15.yaml: study manual, 1 run, no errors
>   data: 4 training and 4 test examples of 4 x 4 bytes; 2 classes (a, b)
> manual-16.yaml: study manual, 1 run, no errors
>   data: 24 training and 6 test examples of 32 x 32 x 3 bytes; 10 classes (airplane, automobile, bird, ...)
> manual-17.yaml: study manual, 1 run, no errors
>   data: 4000 training and 1000 test examples of 40 float32; 10 classes, labels 0 to 9
> manual-2.yaml: study manual, 1 run, no errors
>   data: 4000 training and 1000 test examples of 40 float32; 10 classes, labels 0 to 9
> manual-3.yaml: study manual, 2 runs, no errors
>   data: 4000 training and 1000 test examples of 40 float32; 10 classes, labels 0 to 9
> manual-4.yaml: study manual, 45 runs, 15 combinations left out by sweep.exclude, no errors
>   data: 4000 training and 1000 test examples of 40 float32; 10 classes, labels 0 to 9
> manual-5.yaml: study manual, 1 run, no errors
>   data: 4000 training and 1000 test examples of 40 float32; 10 classes, labels 0 to 9
> manual-6.yaml: study manual, 1 run, no errors
>   data: 4000 training and 1000 test examples of 40 float32; 10 classes, labels 0 to 9
> manual-7.yaml: study letters, 2 runs, no errors
>   data: 104 training, 13 validation and 13 test windows of 64 tokens; 17 different tokens
> manual-8.yaml: study trajectories, 2 runs, no errors
>   data: 1000 training and 1000 test examples of 40 float32; 10 classes, labels 0 to 9
> manual-9.yaml: study manual, 3 runs, no errors
>   data: 2000 training and 1000 test examples of 40 float32; 10 classes, labels 0 to 9

$ basin check manual-7.yaml --set 'architecture={type: sequential, layers: [embedding: {width: 32}, lstm: {hidden_size: 128}, dense: {units: 64}, relu]}' --set 'sweep={grid: {training.batch_size: [16]}}'
> manual-7.yaml: study letters, 1 run, no errors
>   data: 104 training, 13 validation and 13 test windows of 64 tokens; 17 different tokens
