# Measures over runs.
$ basin run $HERE/tiny.yaml -o t -j 2 2> /dev/null; basin table t --across ensemble -c weight_decay,members
> weight_decay  members
>            0        1
>            0        2
>         0.01        1
>         0.01        2

# Other words for an axis name it here too, and on a narrow terminal each part has all that tells its rows apart.
$ basin table t --across ensemble -f csv -c wd,members -s -wd,-members
> regularizers.weight_decay,members
> 0.01,2
> 0.01,1
> 0,2
> 0,1
$ TERM=xterm COLUMNS=60 python3 -c 'import pty, sys; pty.spawn(sys.argv[1:])' basin table t --across ensemble < /dev/null | tr -d '\r' | awk -v RS= '/^weight_decay +members/ { repeats++; next } !/^not shown/ { lacks++ } END { print (repeats > 1), lacks + 0 }'
> 1 0

$ basin table t --across 'ensemble: {sizes: [2], over: "seed,weight_decay"}' -f csv | head -1
> members,accuracy,mean_accuracy,nll,mean_nll,brier,mean_brier,ece,mean_ece,squared_error,mean_squared_error,ambiguity,disagreement

$ basin table t --where 'weight_decay = 0' --across 'ensemble: {sizes: [2]}' --json
> [
>~  {"members": 2, "accuracy": 0.*, "mean_accuracy": 0.*, *"ambiguity": 0.*}
> ]

$ basin table t --across 'ensemble: {sizes: [3]}'
2> basin: error: ensemble: an ensemble of 3 members is asked for, but the group of t/runs/*.h5 has 2
2>   hint: leave sizes out for ensembles of 1, 2, ... all members
exit 2

$ basin table t --across 'ensemble: {size: [3]}'
2> basin: error: --across ensemble: {size: [3]}: unknown key "size" in across.0.ensemble; did you mean "sizes"?
exit 2

$ basin table t --across ensembel
2> basin: error: --across ensembel: across.0: unknown across-measure "ensembel"; did you mean "ensemble"? (across-measures: *)
exit 2

$ basin table t --across ensemble --mean
2> basin: error: --across takes the place of --mean, --over and --group-by; write --across 'NAME: {over: A}'
exit 2

$ basin list across-measures | grep -c '^  ensemble  *The average prediction'
> 1

# A column of a measure over runs has a page of its own.
$ basin explain ambiguity
> ambiguity (a column of `basin table DIR --across ensemble`)
>   what averaging gains: mean_brier - brier, or that of squared errors
>   definition mean of 1/m sum ||p_i - q||^2
>   measure    ensemble
>   unit       1
>   source     Krogh and Vedelsby, NeurIPS 1994

# Bias and variance over training sets: a recipe draws its test examples anew by dataset.seed, so that training sets are subsets of a file.
$ printf 'study: p\ndataset: {name: mnist1d, test_size: 40}\narchitecture: linear\n' > pool.yaml; basin data pool.yaml -o pool.h5 > /dev/null
$ printf 'study: s\ndataset: {name: hdf5, path: pool.h5, train_size: 60}\narchitecture: {type: mlp, hidden: [4]}\ntraining: {epochs: 1}\nsweep: {grid: {dataset.seed: [0, 1, 2]}}\n' > sets.yaml; basin run sets.yaml -o s 2> /dev/null; basin table s --across 'bias_variance: {over: seed.data}' --json
> [
>~  {"members": 3, "squared_error": *, "squared_bias": *, "cross_entropy": *, "error": *, "error_bias": *, "error_net_variance": *}
> ]
$ basin table s --across bias_variance
2> basin: error: bias_variance compares runs, but no group has 2 of them (s/runs/*.h5)
2>   hint: say with over in what the runs of a group differ, for example bias_variance: {over: seed}
exit 2
$ printf 'study: r\ndataset: {name: mnist1d, train_size: 60, test_size: 40}\narchitecture: linear\ntraining: {epochs: 1}\nsweep: {grid: {dataset.seed: [0, 1]}}\n' > recipe.yaml; basin run recipe.yaml -o r 2> /dev/null; basin table r --across 'bias_variance: {over: dataset.seed}'
2> basin: error: bias_variance: the networks of r/runs/*.h5 and r/runs/*.h5 cannot be compared: they have different test examples
2>   hint: to vary the training set alone, sweep dataset.seed of data from a file, with a train_size below what there is; `basin data SPEC -o FILE.h5` writes a generated data set to a file
exit 3
