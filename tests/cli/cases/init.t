# The starter study is right, and is never written over another file.
$ basin init
2> wrote study.yaml, and basin.schema.json beside it for editors. Next: basin run study.yaml

$ basin init
2> basin: error: study.yaml is there already
2>   hint: name another file: basin init FILE
exit 2

$ head -1 study.yaml; python3 -m json.tool basin.schema.json > /dev/null
> # yaml-language-server: $schema=basin.schema.json

$ basin check study.yaml
> study.yaml: study first, 6 runs, no errors

$ basin init missing-folder/study.yaml
2> basin: error: *missing-folder/*
exit 3
