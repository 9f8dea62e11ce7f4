# The starter study is right, and is never written over another file.
$ basin init
2> wrote study.yaml, and basin.schema.json beside it for editors
2> Next: basin run study.yaml

$ basin init
2> basin: error: study.yaml already exists
2>   hint: name another file, as in `basin init FILE`
exit 2

$ head -1 study.yaml; python3 -m json.tool basin.schema.json > /dev/null
> # yaml-language-server: $schema=basin.schema.json

$ basin check study.yaml
> study.yaml: study study, 6 runs, no errors
>   data: 4000 training and 1000 test examples of 40 float32; 10 classes, labels 0 to 9

$ basin init '.my study: 1.yaml' 2> /dev/null; basin init flat.minima.yml 2> /dev/null; grep -h ^study: .my* flat*
> study: my-study--1
> study: flat.minima

$ basin init missing-folder/study.yaml
2> basin: error: cannot create missing-folder/study.yaml: No such file or directory
2>   hint: there is no such folder (any more): make it, *
exit 3

# What is printed to go on with can be pasted into a shell.
$ basin init 'with space.yaml'; basin run 'with space.yaml' --set 'dataset={name: mnist1d, train_size: 40, test_size: 20}' --set training.epochs=1 --set sweep=null --set seeds=1 -o 'its results' 2>&1 | tail -1
2> wrote with space.yaml, and basin.schema.json beside it for editors
2> Next: basin run 'with space.yaml'
> Next: basin table 'its results'
