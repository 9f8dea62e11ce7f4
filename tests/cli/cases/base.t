# A spec over another is the same run as one that is written out: what a merge gives shows in the run's identity.
$ printf 'study: s\narchitecture: {type: mlp, hidden: [8, 8]}\ndataset: {name: mnist1d, train_size: 100}\ntraining: {epochs: 2, optimizer: {type: sgd, momentum: 0.5}}\n' > below.yaml

$ id() { basin plan $1 --json | python3 -c "import json, sys; print(json.load(sys.stdin)['runs'][0]['run_id'])"; }; printf 'study: w\narchitecture: {type: mlp, hidden: %s}\ndataset: {name: mnist1d, train_size: 100}\ntraining: {epochs: 2, optimizer: %s}\n' "[8, 8]" "{type: sgd, momentum: 0.5}" > whole.yaml; declare -f id > same.sh; [ $(id below.yaml) = $(id whole.yaml) ] && echo same
> same

# Blocks merge key by key; a list replaces the list below it.
$ printf 'base: below.yaml\nstudy: t\narchitecture: {hidden: [4]}\ntraining: {optimizer: {learning_rate: 0.2}}\n' > keys.yaml; . ./same.sh; sed 's/\[8, 8\]/[4]/; s/momentum: 0.5/momentum: 0.5, learning_rate: 0.2/' whole.yaml > w.yaml; [ $(id keys.yaml) = $(id w.yaml) ] && [ $(id w.yaml) != $(id whole.yaml) ] && echo same
> same

# A bare name is a block of that name: another one takes nothing from below, the same one takes all.
$ printf 'base: below.yaml\nstudy: t\ntraining: {optimizer: adam}\n' > other.yaml; . ./same.sh; sed 's/{type: sgd.*}}/adam}/' whole.yaml > w.yaml; [ $(id other.yaml) = $(id w.yaml) ] && [ $(id w.yaml) != $(id whole.yaml) ] && echo same
> same

$ printf 'base: below.yaml\nstudy: t\ntraining: {optimizer: sgd}\narchitecture: mlp\n' > bare.yaml; . ./same.sh; [ $(id bare.yaml) = $(id whole.yaml) ] && echo same
> same

# An empty block changes nothing, and a base of a base counts too.
$ printf 'base: keys.yaml\nstudy: u\ntraining: {}\n' > empty.yaml; . ./same.sh; [ $(id empty.yaml) = $(id keys.yaml) ] && echo same
> same

$ printf 'base: loop.yaml\nstudy: u\narchitecture: mlp\n' > loop.yaml; basin check loop.yaml
2> loop.yaml:1:7: error: base: */loop.yaml builds on itself
2>...
exit 2

$ printf 'base: nowhere.yaml\nstudy: u\narchitecture: mlp\n' > lost.yaml; basin check lost.yaml
2> lost.yaml:1:7: error: base: cannot open */nowhere.yaml: No such file or directory; a relative path starts at the folder of the file
2>...
exit 2

# What a path of a sweep is given, and exclude, are taken whole: halves of two generators would be neither.
$ printf 'study: b\narchitecture: mlp\nsweep:\n  grid: {training.optimizer.learning_rate: {linspace: [0.1, 0.2, 2]}, training.epochs: [1, 2]}\n  exclude: {training.epochs: 1}\n' > swept.yaml; printf 'base: swept.yaml\nstudy: s\nsweep:\n  grid: {training.optimizer.learning_rate: {logspace: [0.01, 1.0, 3]}}\n  exclude: {training.optimizer.learning_rate: 0.1}\n' > over.yaml; basin plan over.yaml --json | python3 -c "import json, sys; print([(float(run['training.optimizer.learning_rate']), run['training.epochs']) for run in json.load(sys.stdin)['runs']])"
> [(0.01, 1), (0.01, 2), (1.0, 1), (1.0, 2)]

# A spec, and what it builds on, is a regular file or a pipe of this process: a FIFO or a device would never end.
$ mkfifo never; printf 'base: never\n' > waits.yaml; timeout 20 basin check waits.yaml
2> waits.yaml:1:7: error: base: cannot read */never: it is a FIFO, not a regular file
2>     1 | base: never
2>       |       ^~~~~
exit 2
$ printf 'base: [/dev/zero]\n' > zero.yaml; timeout 20 basin check zero.yaml
2> zero.yaml:1:8: error: base: cannot read /dev/zero: it is a device, not a regular file
2>     1 | base: [/dev/zero]
2>       |        ^~~~~~~~~
exit 2
$ timeout 20 basin check never
2> basin: error: cannot read never: it is a FIFO, not a regular file
exit 3
$ printf 'study: piped\narchitecture: linear\n' | basin check /dev/stdin | grep study
> /dev/stdin: study piped, 1 run, no errors

# null, or nothing, resets what a base brings to its default: a value, a list, a block, a variant, an axis.
$ python3 $HERE/null.py
> 23 resets, 0 unexpected

# null drops one measure of the base; without a base it stands for default options.
$ printf 'base: m.yaml\nmeasures: {hessian_top: null}\n' > drop.yaml; sed 's/^seeds: 2/seeds: 1/; /^sweep/,/weight_decay/d' $HERE/tiny.yaml > m.yaml; printf 'measures: {hessian_top: {k: 2, examples: 20}, weight_norm: null}\n' >> m.yaml; basin run drop.yaml -o dropped 2> /dev/null; basin run m.yaml -o dropped-too --set measures.hessian_top=~ 2> /dev/null; basin run m.yaml -o kept --set measures.margin=null 2> /dev/null; for d in dropped dropped-too kept; do basin table $d -f csv | head -1 | grep -o 'hessian_lambda_max\|weight_norm\|margin_min' | sort -u | paste -s -d ' '; done
> weight_norm
> weight_norm
> hessian_lambda_max margin_min weight_norm
