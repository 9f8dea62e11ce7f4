# The data of a run as a file: a spec reads them again, and every number is the same, to the bit.
$ python3 $HERE/idx.py a; printf 'study: s\ndataset: {name: idx, train_images: a/train-images, train_labels: a/train-labels, test_images: a/test-images, test_labels: a/test-labels, seed: 3, validation_fraction: 0.2, standardize: feature, label_noise: 0.25}\narchitecture: {type: mlp, hidden: [8]}\ntraining: {epochs: 3}\nmeasures: {hessian_top: {}}\n' > s.yaml; basin data s.yaml -o data.h5
> 16 training, 4 validation and 10 test examples of 3 x 3 bytes; 2 classes, labels 0 to 1
> Read them with  dataset: {name: hdf5, path: data.h5, validation_size: 4}
2> note: data: 6 of 10 test examples equal a training example
$ sed 's/^dataset.*/dataset: {name: hdf5, path: data.h5, validation_size: 4}/' s.yaml > t.yaml; for s in s t; do basin run $s.yaml -o $s 2>/dev/null; basin table $s -f csv -c train_loss,validation_loss,test_loss,hessian_lambda_max > $s.csv; done; cmp s.csv t.csv && wc -l < s.csv
> 2

# That of a finished run, from its result.
$ basin data s/runs/*.h5 -o again.h5 2>/dev/null | head -1; cmp data.h5 again.h5 && echo equal
> 16 training, 4 validation and 10 test examples of 3 x 3 bytes; 2 classes, labels 0 to 1
> equal

# Not where the files have changed since.
$ cp -r a b; python3 -c "b = bytearray(open('a/train-images', 'rb').read()); b[-1] ^= 1; open('a/train-images', 'wb').write(b)"; basin data s/runs/*.h5 -o changed.h5 2>&1 | grep -v '^note'; ls changed.h5 2> /dev/null; cp b/train-images a
>~ basin: error: run * cannot be repeated: its data set, or a value, has changed since; now it would be run *
>   hint: bring the files back as they were, or name a spec

$ basin data s.yaml -o data.h5
2> basin: error: data.h5 exists
2>   hint: remove it, or name another file
exit 2
$ basin data s.yaml
2> basin: error: the file to write is missing
2>   hint: name it: -o data.h5
exit 2
$ basin data s.yaml -o b.h5 --set sweep.grid='{dataset.seed: [1,2]}'
2> note: data: 7 of 10 test examples equal a training example
2> basin: error: the runs of this study have different data
2>   hint: name a result (DIR/runs/ID.h5), or choose with --set, as in --set sweep=null --set dataset.seed=1
exit 2
$ printf 'study: s\ndataset: {name: text, path: s.yaml, context: 4}\narchitecture: {type: rnn, hidden_size: 4}\ntraining: {epochs: 3}\n' > u.yaml; basin data u.yaml -o b.h5 2>&1 | tail -2
> basin: error: the data are windows of one text, not arrays of examples
>   hint: the text itself is what `dataset.path` names
