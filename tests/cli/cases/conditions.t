# Conditions of a sweep: what they leave out is counted, and those without effect are told, with what they looked for in vain.
$ printf 'study: s\ndataset: {name: mnist1d, train_size: 100, test_size: 20}\narchitecture: linear\ntraining: {epochs: 1, optimizer: adam}\nsweep:\n  grid: {training.batch_size: [10, 20, 30]}\n' > p.yaml; for f in 'exclude: [{training.batch_size: {above: 20}}]' 'exclude: [{training.batch_size: 40}, {training.optimizer.momentum: 0.9}]' 'when: {training.batch_size: {training.optimizer.momentum: 0.9}}' 'when: {training.batch_size: {training.epochs: 1}}'; do (cat p.yaml; echo "  $f") > c.yaml; basin check c.yaml; done
> c.yaml: study s, 2 runs, 1 combination left out by sweep.exclude, no errors
>   data: 100 training and 20 test examples of 40 float32; 10 classes, labels 0 to 9
> c.yaml: study s, 3 runs, no errors
>   data: 100 training and 20 test examples of 40 float32; 10 classes, labels 0 to 9
> c.yaml: study s, 1 run, no errors
>   data: 100 training and 20 test examples of 40 float32; 10 classes, labels 0 to 9
> c.yaml: study s, 3 runs, no errors
>   data: 100 training and 20 test examples of 40 float32; 10 classes, labels 0 to 9
2> note: condition 1 of sweep.exclude (line 7) leaves out nothing
2> note: condition 2 of sweep.exclude (line 7) leaves out nothing: no run that it looks at has training.optimizer.momentum
2> note: the condition of training.batch_size under sweep.when (line 7) never holds, and its values are not used: no run that it looks at has training.optimizer.momentum
2> note: the condition of training.batch_size under sweep.when (line 7) always holds
$ printf 'base: c.yaml\nsweep: {exclude: {training.batch_size: 20}}\n' > d.yaml; basin plan d.yaml | sed -n 2p; basin plan d.yaml --json | grep -o '"excluded": [0-9]*'
> 2 runs: 2 new, 0 done; sweep.exclude leaves out 1 combination
> "excluded": 1
2> note: the condition of training.batch_size under sweep.when (line 7 of c.yaml) always holds
2> note: the condition of training.batch_size under sweep.when (line 7 of c.yaml) always holds

# The seed of the initial weights is a key of its own, not a part of the seed: a condition may look at one for the other.
$ printf 'study: s\ndataset: {name: mnist1d, train_size: 100, test_size: 20}\narchitecture: linear\ntraining: {epochs: 1}\nseeds: 2\nsweep: {grid: {seed.init: [3, 4]}, when: {seed.init: {seed: 0}}}\n' > s.yaml; basin check s.yaml
> s.yaml: study s, 3 runs, no errors
>   data: 100 training and 20 test examples of 40 float32; 10 classes, labels 0 to 9
