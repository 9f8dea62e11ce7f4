# A child replaces what its base says of seeds and of the sweep; --set does the same, and messages name the file of a line.
$ printf 'study: s\ndataset: {name: mnist1d, train_size: 100, test_size: 20}\narchitecture: linear\ntraining: {epochs: 1}\nseeds: 3\nsweep: {grid: {training.batch_size: [10, 20]}}\n' > p.yaml; printf 'base: p.yaml\nseed: 5\n' > c.yaml; printf 'base: p.yaml\nsweep:\n' > n.yaml; printf 'base: c.yaml\nseeds: [3, 4]\n' > g.yaml; for f in p c n g; do basin check $f.yaml; done
> p.yaml: study s, 6 runs, no errors
>   data: 100 training and 20 test examples of 40 float32; 10 classes, labels 0 to 9
> c.yaml: study s, 2 runs, no errors
>   data: 100 training and 20 test examples of 40 float32; 10 classes, labels 0 to 9
> n.yaml: study s, 3 runs, no errors
>   data: 100 training and 20 test examples of 40 float32; 10 classes, labels 0 to 9
> g.yaml: study s, 4 runs, no errors
>   data: 100 training and 20 test examples of 40 float32; 10 classes, labels 0 to 9
$ basin check p.yaml --set seed=3; basin check c.yaml --set seeds=7; basin check p.yaml --set sweep=null; basin check p.yaml --set seed.all=3; basin check p.yaml --set seed.init=3; basin check c.yaml --set seeds=2 --set seed=1
> p.yaml: study s, 2 runs, no errors
>   data: 100 training and 20 test examples of 40 float32; 10 classes, labels 0 to 9
> c.yaml: study s, 14 runs, no errors
>   data: 100 training and 20 test examples of 40 float32; 10 classes, labels 0 to 9
> p.yaml: study s, 3 runs, no errors
>   data: 100 training and 20 test examples of 40 float32; 10 classes, labels 0 to 9
> p.yaml: study s, 2 runs, no errors
>   data: 100 training and 20 test examples of 40 float32; 10 classes, labels 0 to 9
> p.yaml: study s, 6 runs, no errors
>   data: 100 training and 20 test examples of 40 float32; 10 classes, labels 0 to 9
> c.yaml: study s, 2 runs, no errors
>   data: 100 training and 20 test examples of 40 float32; 10 classes, labels 0 to 9
$ printf 'base: p.yaml\nsweep: {zip: {training.batch_size: [1, 2]}}\n' > z.yaml; basin check z.yaml
2> z.yaml:2:15: error: training.batch_size: this is swept already, in line 6 of p.yaml; keep one of them, or put them under sweep.union
2>     2 | sweep: {zip: {training.batch_size: [1, 2]}}
2>       |               ^~~~~~~~~~~~~~~~~~~
exit 2
$ basin check p.yaml --set training.batch_size=3
2> --set training.batch_size=3:1:1: error: training.batch_size is swept; to change its values use --set 'sweep.grid.training.batch_size=[...]', to drop the sweep --set sweep=null
2>     1 | training.batch_size=3
2>       | ^~~~~~~~~~~~~~~~~~~
exit 2
$ printf 'base: nope.yaml\n' > nb.yaml; basin check nb.yaml
2> nb.yaml:1:7: error: base: cannot open */nope.yaml: No such file or directory; a relative path starts at the folder of the file
2>     1 | base: nope.yaml
2>       |       ^~~~~~~~~
exit 2
