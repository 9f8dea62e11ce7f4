# One seed for each source of randomness: each can be varied while the others are held.
$ printf 'study: s\ndataset: {name: mnist1d, train_size: 40, test_size: 20}\narchitecture: {type: mlp, hidden: [4]}\ntraining: {epochs: 1, batch_size: 8}\nweights: {initial: true}\nseed: {order: 2}\nsweep:\n  grid:\n    seed.init: [0, 1]\n    seed.data: [0, 5]\nseeds: 2\n' > s.yaml; basin plan s.yaml -o r | sed -n 2p
2> note: seed.init and seed.order are given, so all 2 seeds train the same network; only measures that draw random numbers differ
> 8 runs: 8 new, 0 done

# In a table a source without a seed of its own has the one that it follows, and replicates are what differs in the parameters asked for.
$ basin run s.yaml -o r 2> /dev/null; basin run s.yaml -o r --set 'sweep={}' --set 'seed.order=3' --set seeds=1 2> /dev/null; basin table r -c seed,seed.init,seed.order,seed.data,dataset.seed
> seed  init  order  data  dataset.seed
>    0     0      2     0             0
>    1     0      2     0             0
>    0     0      3     0             0
>    0     1      2     0             0
>    1     1      2     0             0
>    0     0      2     5             5
>    1     0      2     5             5
>    0     1      2     5             5
>    1     1      2     5             5

$ basin table r -w 'order = 2' --over init -c seed,seed.data,seeds; basin table r --mean -c seed.data,seeds
> seed  data  seeds
>    0     0      2
>    1     0      2
>    0     5      2
>    1     5      2
> data  seeds
>    0      5
>    5      4

# A result is a spec as well, with all its seeds.
$ basin run $(ls r/runs/*.h5 | head -1) -o again 2> /dev/null; basin table again --columns seed.order | tail -1
>     2


# What cannot be is refused at its place.
$ basin plan s.yaml --set seed.foo=3
2> --set seed.foo=3:1:6: error: unknown key "seed.foo"*
2>     1 | seed.foo=3
2>       |      ^~~
exit 2

$ basin plan s.yaml --set dataset.seed=3
2> s.yaml:10:17: error: seed.data: dataset.seed is given too, and differs (--set dataset.seed=3)*it is another word for dataset.seed: keep one of them
2>...
exit 2

$ basin plan s.yaml --set 'seed={init: 3}'
2> --set seed={init: 3}:1:1: error: seed.init is swept; *
2>...
exit 2

$ printf 'study: s\ndataset: kjv-text\narchitecture: {type: gru, hidden_size: 4}\nseed: {data: 3}\n' > t.yaml; basin check t.yaml
2> t.yaml:4:14: error: seed.data: the data set kjv-text has no seed: nothing in it is random
2>...
exit 2

$ basin table r --over test_loss
2> basin: error: test_loss is no parameter
2>   hint: means are taken over runs that differ in a parameter, as seed.init
exit 2

# seed.init is no part of a block `seed`: means over seeds leave it apart, whatever seed is called.
$ printf 'study: z\ndataset: {name: linear-regression, n: 20, p: 4, test_size: 20}\narchitecture: linear\ntraining: {batch_size: 10, epochs: 2}\nsweep: {grid: {seed.init: [10, 11], seed.order: [20, 21]}}\nseeds: 2\n' > z.yaml; basin run z.yaml -o z 2> /dev/null; basin table z --over seed -c init,order,seeds; sed -i 's/]}}$/]}, names: {seed: s}}/' z.yaml; basin run z.yaml -o z 2> /dev/null; basin table z --over seed.init -c s,order,seeds; basin table z -c s,init,order | tail -2
> init  order  seeds
>   10     20      2
>   10     21      2
>   11     20      2
>   11     21      2
> s  order  seeds
> 0     20      2
> 1     20      2
> 0     21      2
> 1     21      2
> 0    11     21
> 1    11     21

# "seed" is the seed of the runs, also where dataset.seed varies beside it.
$ printf 'study: d\ndataset: {name: mnist1d, train_size: 20, test_size: 20}\narchitecture: linear\ntraining: {batch_size: 10, epochs: 1}\nsweep: {grid: {dataset.seed: [5, 6, 7]}}\nseeds: 2\n' > d.yaml; basin run d.yaml -o d 2> /dev/null; basin table d --over seed -c dataset.seed,seeds; basin table d --over seed.data -c seed,seeds; basin table d --over seed,dataset.seed -c seeds; basin table d --group-by seed -c seed,seeds; basin table d --mean | head -1 | cut -c 1-22
> dataset.seed  seeds
>            5      2
>            6      2
>            7      2
> seed  seeds
>    0      3
>    1      3
> seeds
>     6
> seed  seeds
>    0      3
>    1      3
> status    dataset.seed

$ basin table d --across 'agreement: {over: seed}' -f csv -c dataset.seed,pair | head -3
> dataset.seed,pair
> 5,0 and 1
> 6,0 and 1
