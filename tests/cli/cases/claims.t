# What a study expects, and what came out. Numbers are of parameters and seeds, so that they are the same on every machine.
$ cp $HERE/tiny.yaml claims.yaml; printf 'expect:\n  - claim: every seed counts\n    value: seed\n    where: weight_decay = 0\n    below: 3.5\n  - claim: what is inside the interval over seeds\n    value: seed + weight_decay\n    above: 1\n  - claim: what is outside\n    value: seed * 2\n    within: [5.2, 9]\n  - claim: of no run\n    value: train_loss\n    where: lr = 7\n    below: 1\n  - claim: in pairs, seed by seed\n    value: 100 * seed + weight_decay\n    where: weight_decay = 0.01\n    above: {where: weight_decay = 0}\n  - claim: curves have an end\n    value: last(curves.train_loss, from: 0.5) - train_loss\n    within: [0, 0]\n' >> claims.yaml; sed -i 's/^seeds: 2/seeds: 3/' claims.yaml; basin check claims.yaml | head -1
> claims.yaml: study tiny, 6 runs, no errors

$ basin run claims.yaml -o c 2> run.txt; echo $?; grep -A12 ^claims run.txt
> 0
> claims
>   holds (interval [-1.484, 3.484], n = 3): every seed counts
>     expected seed below 3.5, in runs where weight_decay = 0; mean 1
>   undecided (interval [-1.484, 3.484], n = 3): what is inside the interval over seeds
>     expected seed + weight_decay above 1; mean 1; the worst of 2 settings is weight_decay = 0 (2 are undecided)
>   undecided (interval [-2.968, 6.968], n = 3): what is outside
>     expected seed * 2 within [5.2, 9]; mean 2; the worst of 2 settings is weight_decay = 0 (2 are undecided)
>   no data: of no run
>     expected train_loss below 1, in runs where lr = 7; there is no such run
>   holds (interval [0.01, 0.01], n = 3): in pairs, seed by seed
>     expected 100 * seed + weight_decay above the same where weight_decay = 0, in runs where weight_decay = 0.01; mean difference 0.01
>   holds (interval [0, 0], n = 3): curves have an end
>     expected last(curves.train_loss, from: 0.5) - train_loss within [0, 0]; mean 0; the worst of 2 settings is weight_decay = 0 (2 hold)

$ sed -i 's/within: \[5.2, 9\]/within: [100, 200]/' claims.yaml; basin run claims.yaml -o c --expect 2> run.txt; echo $?; tail -1 run.txt
> 1
> --expect: 1 claim fails

$ basin status c | grep -A1 outside
>   fails (interval [-2.968, 6.968], n = 3): what is outside
>     expected seed * 2 within [100, 200]; mean 2; the worst of 2 settings is weight_decay = 0 (2 fail)

$ basin status claims.yaml -o c --json | python3 -c "import json, sys; print([(c['verdict'], c['n'], c['settings']) for c in json.load(sys.stdin)['claims']])"
> [('holds', 3, 1), ('undecided', 3, 2), ('fails', 3, 2), ('no data', 0, 0), ('holds', 3, 1), ('holds', 3, 2)]

$ basin table c --claims -f csv -c claim,verdict,mean,n,worst,lacking | head -4
> claim,verdict,mean,n,worst,lacking
> every seed counts,holds,1,3,,0
> what is inside the interval over seeds,undecided,1,3,weight_decay = 0,0
> what is outside,fails,2,3,weight_decay = 0,0

$ basin table c --claims -f markdown -c study,claim,verdict,mean | head -3
> | study | claim | verdict | mean |
> |---|---|---|--:|
> | tiny | every seed counts | holds | 1 |

# Of a spec it is what the file says now, and of its own runs; of a folder, what was run there last.
$ sed -i 's/within: \[100, 200\]/within: [-3, 9]/' claims.yaml; basin table claims.yaml -o c --claims -f csv -c claim,verdict,n | sed -n 4p; basin table c --claims -f csv -c claim,verdict,n | sed -n 4p; basin table c -o c --claims
> what is outside,holds,3
> what is outside,fails,3
2> basin: error: -o and --set belong to a spec, and c is none
exit 2

$ basin table claims.yaml -o c --set seeds=[2] --claims -f csv -c verdict,expected,n | sed -n 2p
> holds,"seed below 3.5, in runs where weight_decay = 0",1

$ basin table claims.yaml -o none-yet --claims | head -3; basin status claims.yaml -o none-yet | grep -c 'no data'
> claims (0 of 6 runs have results)
>   no data: every seed counts
>     expected seed below 3.5, in runs where weight_decay = 0; no run has a result yet
> 6

$ cp -r c damaged; for file in damaged/runs/*; do echo > $file; break; done; basin table damaged --claims -f csv -c verdict | head -2
> verdict
> undecided
2> basin: error: left out: damaged/runs/*

# A selection without runs is named, on either side.
$ cp claims.yaml side.yaml; printf '  - {claim: left, value: train_loss, where: weight_decay = 7, below: {where: weight_decay = 0}}\n  - {claim: right, value: train_loss, where: weight_decay = 0, below: {where: weight_decay = 7}}\n' >> side.yaml; basin table side.yaml -o c --claims | tail -4
>   no data: left
>     expected train_loss below the same where weight_decay = 0, in runs where weight_decay = 7; there is no such run
>   no data: right
>     expected train_loss below the same where weight_decay = 7, in runs where weight_decay = 0; there is no run where weight_decay = 7

$ basin table c --claims --mean
2> basin: error: --claims is a table of claims and not of runs, so --mean has no meaning beside it
exit 2

$ basin run $HERE/tiny.yaml -o none 2> run.txt; basin table none --claims
2> no claims: the specs of these studies have no `expect`

# The studies of the manual, small: claims as they are written there.
$ printf 'study: edge\ndataset: {name: mnist1d, train_size: 200, test_size: 100}\narchitecture: {type: mlp, hidden: [50, 50], activation: tanh, initializer: pytorch}\ntraining: {loss: mse, epochs: 1000, optimizer: {type: gd, learning_rate: 0.2}}\nevaluate: {every: 100}\nmeasures: {hessian_top: {examples: all, tolerance: 1.0e-3, every: 25}}\nexpect:\n  - claim: late in training the sharpness hovers just above 2 / learning rate\n    value: mean(tracked.hessian_lambda_max, from: 0.5) * learning_rate / 2\n    within: [0.97, 1.15]\n  - claim: it starts below\n    value: first(tracked.hessian_lambda_max) * learning_rate / 2\n    below: 0.6\n' > edge.yaml; basin run edge.yaml -o edge --expect 2> run.txt; echo $?; basin table edge --claims --json | python3 -c "import json, sys; print([(c['verdict'], c['n']) for c in json.load(sys.stdin)])"
> 0
> [('holds', 1), ('holds', 1)]

# Wrong names, types and forms are found with the spec.
$ printf 'expect:\n  - {claim: a, value: loss_gp, below: 1}\n  - {claim: b, value: "2 * mean(curves.tain_loss)", below: 1}\n  - {claim: c, value: hessian_trace, below: 1}\n  - {claim: d, value: curves.train_loss, below: 1}\n  - {claim: e, value: train_loss, where: weight_decay = small, below: 1}\n  - {claim: f, value: train_loss}\n  - {claim: g, value: train_loss, above: 1, below: 2}\n  - {claim: h, value: train_loss, within: [2, 1]}\n  - {claim: i, value: train_loss, within: [2]}\n  - {claim: j, value: train_loss, below: 2 * activation}\n  - {claim: k, value: zyx, below: 1}\n' | cat $HERE/tiny.yaml - > wrong.yaml; basin check wrong.yaml 2>&1 | grep error
> wrong.yaml:13:23: error: no column is named "loss_gp"; did you mean "loss_gap"?
> wrong.yaml:14:33: error: no curve is named "curves.tain_loss"; did you mean "curves.train_loss"?
> wrong.yaml:15:23: error: no run here has the number "hessian_trace"; it comes from the measure hessian_trace: ask for it under `measures`
> wrong.yaml:16:23: error: "curves.train_loss" is a curve over epochs, but a number is needed; mean(...), max(...), last(...) make a number of a curve, also of a part of it, as in mean(..., from: 0.5)
> wrong.yaml:17:57: error: "small" is a word, but regularizers.weight_decay is a number; compare it with a number, or with null for what is absent or not a number
> wrong.yaml:18:13: error: a claim has one of within, above and below, and this has none
> wrong.yaml:19:13: error: a claim has one of within, above and below, and this has several
> wrong.yaml:20:43: error: within begins at its lowest end, and 2 is above 1
> wrong.yaml:21:43: error: within has two ends, [lowest, highest], and not 1
> wrong.yaml:22:46: error: architecture.activation is a text, and no number
> wrong.yaml:23:23: error: no column is named "zyx"; numbers of runs are in results/REFERENCE.md, parameters in experiments/REFERENCE.md; curves are named as in curves.train_loss
