# Equal runs are trained once, and that is said: the same data by two paths, train_size written out or "all".
$ python3 $HERE/idx.py a; cp -r a b; cp $HERE/idx.yaml .
$ basin check idx.yaml
> idx.yaml: study idx, 1 run, no errors
>   data: 20 training and 10 test examples of 3 x 3 bytes; 2 classes, labels 0 to 1
2> note: data: every test example is a training example too: the test numbers say nothing of unseen data
2> note: 3 of the spec's 4 runs equal others; equal runs are trained once

$ basin run idx.yaml -o r
2> study idx: 1 run, 1 at a time, into r
2> note: data: every test example is a training example too: the test numbers say nothing of unseen data
2> note: 3 of the spec's 4 runs equal others; equal runs are trained once
2> [1/1] ????????????????  *
2> 1 run finished in *s
2> Next: basin table r

# Other data are other runs; a data file that is cut is refused with its name and byte before anything runs.
$ python3 -c "b = bytearray(open('b/train-images', 'rb').read()); b[-1] ^= 1; open('b/train-images', 'wb').write(b)"; basin plan idx.yaml -o r | sed -n 2p
> 2 runs: 1 new, 1 done
2> note: data: every test example is a training example too: the test numbers say nothing of unseen data
2> note: 2 of the spec's 4 runs equal others; equal runs are trained once

$ truncate -s 100 b/train-images; basin run idx.yaml -o r
2> idx.yaml:12:44: error: dataset.train_images: *b/train-images*byte *
2>...
exit 3

# Sizes that the data do not have are mistakes of the spec, at their place.
$ cp a/train-images b/train-images; sed 's/20, all/20, 50/' idx.yaml > large.yaml; basin check large.yaml
2> large.yaml:13:30: error: dataset.train_size: data set idx: train_size needs 50 examples, but there are 20*
2>    13 |     dataset.train_size: [20, 50]
2>       |                              ^~
exit 2
