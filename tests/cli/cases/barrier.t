# What is computed from the weights of two runs.
$ printf 'study: b\ndataset: {name: mnist1d, train_size: 60, test_size: 40}\narchitecture: {type: mlp, hidden: [3]}\ntraining: {epochs: 1}\nseeds: 3\n' > b.yaml; basin run b.yaml -o b 2> /dev/null; basin table b --across barrier -c pair,distance -f csv
> pair,distance
>~ 0 and 1,*
>~ 0 and 2,*
>~ 1 and 2,*
>~ mean,*
$ basin table b --across 'barrier: {pairs: next, permute: true}' -c pair -f csv
> pair
> 0 and 1
> 1 and 2
> mean
$ basin table b --across 'interpolation: {pairs: first, points: 3}' -f csv | cut -d, -f1,2
> pair,t
> 0 and 1,0
> 0 and 1,0.5
> 0 and 1,1
> 0 and 2,0
> 0 and 2,0.5
> 0 and 2,1
$ basin table b --across 'matching: {pairs: first}' -c pair,layer,unit -f csv | head -4
> pair,layer,unit
> 0 and 1,layers.0,0
> 0 and 1,layers.0,1
> 0 and 1,layers.0,2
$ basin table b --across 'barrier: {points: 2}'
2> basin: error: --across barrier: {points: 2}: across.0.barrier.points: 2 is out of range, expected an integer from 3 to 10001 (points)
exit 2

# Networks whose units cannot be renumbered, other networks, other training examples.
$ printf 'study: g\ndataset: {name: mnist1d, train_size: 60, test_size: 40}\narchitecture: {type: gru, hidden_size: 3}\ntraining: {epochs: 1}\nseeds: 2\n' > g.yaml; basin run g.yaml -o g 2> /dev/null; basin table g --across 'barrier: {permute: true}'
2> basin: error: barrier: it is not known how the units of this network can be renumbered: it has a layer recurrent
2>   hint: networks of dense layers, convolutions without groups, pooling, batch and layer normalisation and residual sums can be matched: mlp, cnn, resnet and lists of such layers
exit 2
$ basin table g --across 'barrier: {points: 3}' -c pair -f csv
> pair
> 0 and 1
$ sed 's/^seeds.*/sweep: {grid: {architecture.hidden: [[3], [4]]}}/; s/study: b/study: w/' b.yaml > w.yaml; basin run w.yaml -o w 2> /dev/null; basin table w --across 'barrier: {over: architecture.hidden}'
2> basin: error: barrier: the networks of *.h5 and *.h5 cannot be compared: they are of different architectures or precisions
2>   hint: choose runs with --where, or what they may differ in with over
exit 3
$ printf 'study: n\ndataset: {name: mnist1d, train_size: 60, test_size: 40}\narchitecture: {type: mlp, hidden: [3]}\ntraining: {epochs: 1}\nsweep: {grid: {dataset.label_noise: [0, 0.5]}}\n' > n.yaml; basin run n.yaml -o n 2> /dev/null; basin table n --across 'barrier: {over: label_noise}'
2> basin: error: barrier: the networks of *.h5 and *.h5 cannot be compared: they were trained on different examples or targets
2>   hint: choose runs with --where, or what they may differ in with over
exit 3
$ basin table b --across 'barrier: {over: label_noise}'
2> basin: error: *
2>   hint: *
exit 2

# Activations and predictions of two runs.
$ basin table b --across 'cka: {layers: [layers.0.activation, layers.1]}' -c layer,pair -f csv
> layer,pair
> layers.0.activation,0 and 1
> layers.0.activation,0 and 2
> layers.0.activation,1 and 2
> layers.0.activation,mean
> layers.1,0 and 1
> layers.1,0 and 2
> layers.1,1 and 2
> layers.1,mean
$ basin table b --across cka -c layer,pair -f csv | grep mean
> layers.0,mean
> layers.0.activation,mean
> layers.1,mean
$ basin table b --across 'cka: {layers: [layers.2]}'
2> basin: error: cka: the network of b/runs/*.h5 has no layer "layers.2"
2>   hint: its layers are layers.0, layers.0.activation, layers.1
exit 2
$ basin table b --across agreement -c pair,agreement_excess_error -f csv
> pair,agreement_excess_error
>~ 0 and 1,0*
>~ 0 and 2,0*
>~ 1 and 2,0*
> mean,
$ printf 'study: l\ndataset: {name: linear-regression, n: 20, p: 2, test_size: 10}\narchitecture: linear\ntraining: {epochs: 1}\nseeds: 2\n' > l.yaml; basin run l.yaml -o l 2> /dev/null; basin table l --across agreement
2> basin: error: agreement is of predicted classes, and l/runs/*.h5 predicts numbers
2>   hint: bias_variance and ensemble tell how far predictions of regressions differ
exit 2
