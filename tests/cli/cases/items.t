# An item of a list, and a key of one layer, is swept by its number: the same runs as with the lists written out.
$ printf 'study: s\ndataset: {name: mnist1d, train_size: 100}\narchitecture: {type: sequential, layers: [conv: {channels: 4}, relu, dropout, flatten]}\n' > base.yaml; printf 'base: base.yaml\nsweep: {grid: {architecture.layers.0.conv.channels: [2, 3], architecture.layers.1: [tanh, dense: {units: 3}], architecture.layers.2.dropout.rate: [0.1]}}\n' > items.yaml; printf 'base: base.yaml\nsweep: {grid: {architecture.layers: [[conv: {channels: 2}, tanh, dropout: {rate: 0.1}, flatten], [conv: {channels: 2}, dense: {units: 3}, dropout: {rate: 0.1}, flatten], [conv: {channels: 3}, tanh, dropout: {rate: 0.1}, flatten], [conv: {channels: 3}, dense: {units: 3}, dropout: {rate: 0.1}, flatten]]}}\n' > lists.yaml; ids() { basin plan $1 --json | python3 -c "import json, sys; print(*(run['run_id'] for run in json.load(sys.stdin)['runs']))"; }; [ "$(ids items.yaml)" = "$(ids lists.yaml)" ] && ids items.yaml | wc -w
> 4

$ basin plan items.yaml | grep -A3 ^axes
> axes
>   architecture.layers.0.conv.channels    2  2, 3
>   architecture.layers.1                  2  tanh, dense: {units: 3}
>

# --set and conditions name items in the same way; a layer that is not there is not made up.
$ { basin check base.yaml --set architecture.layers.0.conv.channels=2 --set architecture.layers.1=tanh; basin check items.yaml --set 'sweep.exclude=[{architecture.layers.0.conv.channels: 2, architecture.layers.1: tanh}]'; } | grep study
> base.yaml: study s, 1 run, no errors
> items.yaml: study s, 3 runs, 1 combination left out by sweep.exclude, no errors
$ basin check base.yaml --set architecture.layers.1.conv.channels=2
2> --set architecture.layers.1.conv.channels=2:*: error: architecture.layers.1: expected one layer, found a block of several keys*
2>...
exit 2
$ basin check base.yaml --set architecture.layers.7=relu
2> --set architecture.layers.7=relu:1:1: error: architecture.layers: there is no item 7 in this list of 4; its items are 0 to 3; to have more, set the whole list
2>     1 | architecture.layers.7=relu
2>       | ^~~~~~~~~~~~~~~~~~~~~
exit 2
$ basin check base.yaml --set architecture.layers.7=relu --set architecture.layers.1=tanh
2> --set architecture.layers.7=relu:1:1: error: architecture.layers: there is no item 7 in this list of 4; its items are 0 to 3; to have more, set the whole list
2>...
exit 2
$ printf 'base: base.yaml\nsweep: {grid: {"architecture.layers[0].conv.channels": [2, 3]}}\n' > brackets.yaml; basin check brackets.yaml
2> brackets.yaml:2:16: error: an item of a list is named by its number: "architecture.layers[0].conv.channels"; its items are "architecture.layers.0", "architecture.layers.1", ...; the whole list is "architecture.layers"
2>...
exit 2

# Results have items as columns too: to be named, and shown under names of their own.
$ printf 'study: w\ndataset: {name: mnist1d, train_size: 40, test_size: 20, transforms: [gaussian_noise: {sd: 0.1}]}\narchitecture: {type: mlp, hidden: [4, 5]}\ntraining: {epochs: 1}\nsweep: {grid: {architecture.hidden.0: [8, 16], dataset.transforms.0.gaussian_noise.sd: [0.25, 0.5]}}\nseeds: 2\n' > w.yaml; basin run w.yaml -o w 2> /dev/null; basin table w -w 'hidden.0 = 8 and gaussian_noise.sd < 0.4' -c hidden.0,hidden,sd,seed -s -seed
> hidden.0  hidden    sd  seed
>        8  [8, 5]  0.25     1
>        8  [8, 5]  0.25     0
$ basin table w -f csv -s -hidden.0,sd -c architecture.hidden.0,sd,seed | head -3; basin table w -f csv | head -1 | cut -d, -f3-5
> architecture.hidden.0,dataset.transforms.0.gaussian_noise.sd,seed
> 16,0.25,0
> 16,0.25,1
> dataset.transforms,architecture.hidden,seed
$ basin table w --over hidden.0,seed -f csv -c sd,runs; basin table w --mean -f csv -c hidden.0,sd,seeds -w 'hidden.0 > 8'
> dataset.transforms.0.gaussian_noise.sd,runs
> 0.25,4
> 0.5,4
> architecture.hidden.0,dataset.transforms.0.gaussian_noise.sd,seeds
> 16,0.25,2
> 16,0.5,2
$ (sed 's/^sweep: {/sweep: {names: {architecture.hidden.0: width, dataset.transforms.0.gaussian_noise.sd: jitter}, /' w.yaml) > named.yaml; basin run named.yaml -o w 2> /dev/null; basin table w --mean -w 'width = 16' | sed -n 1,3p; basin table w --over width,seed -f csv -c jitter,runs
>~ status * jitter  width  train_*
>~ finished * 0.25     16 *
>~ finished *  0.5     16 *
> jitter,runs
> 0.25,4
> 0.5,4
$ printf 'base: base.yaml\ntraining: {epochs: 1}\nsweep: {names: {architecture.layers.0.conv.channels: c, architecture.layers.1: act}, grid: {architecture.layers.0.conv.channels: [2, 3], architecture.layers.1: [tanh, dense: {units: 3}]}}\n' > l.yaml; basin run l.yaml -o l 2> /dev/null; basin table l -c act,c,layers.1.dense.units; basin table l -w 'act = tanh and c = 3' -c seed | wc -l
> act                c  units
> dense: {units: 3}  2      3
> tanh               2      -
> dense: {units: 3}  3      3
> tanh               3      -
> 2
