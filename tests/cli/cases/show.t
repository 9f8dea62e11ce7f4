# One run: for programs, and on a wide terminal.
$ basin run $HERE/tiny.yaml -o t --set seeds=1 --set 'measures={hessian_top: {k: 1, examples: 20, max_iterations: 2}, weight_norm: {every: 1 epoch}}' 2> /dev/null

# All that the file's numbers are is there, with its types; the table gives the same bits.
$ basin show t/$(basin table t -w 'wd = 0' -f csv -c run_id | tail -1) --json > run.json; python3 -c "import json; r = json.load(open('run.json')); print(sorted(r)); print(r['status'], r['study'], r['exploded'], r['spec']['training']['optimizer']['learning_rate'], r['spec']['architecture']['hidden'])"
> ['curves', 'data', 'exploded', 'file', 'measures', 'provenance', 'run_id', 'spec', 'status', 'study', 'tracked', 'weights']
> finished tiny None 0.1 [8]
$ basin table t -w 'wd = 0' --json > rows.json; python3 -c "import json; r = json.load(open('run.json')); row = json.load(open('rows.json'))[0]; m = r['measures']; names = [n for n in m if n in row and 'value' in m[n]]; print(len(names) > 10, all(m[n]['value'] == row[n] for n in names)); top = m['hessian_lambda_max']; print(top['converged'], top['iterations'], top['measure'], 'definition' in top)"
> True True
> False 2 hessian_top True
$ python3 -c "import json; r = json.load(open('run.json')); c = r['curves']; print(c['epoch'], len(c['train_loss']), c['train_loss'][-1] == r['measures']['train_loss']['value']); print([k for k in r['tracked'] if k.endswith('weight_norm')]); print(r['weights']); print(type(r['provenance']['wall_time']).__name__, r['data']['notes'])"
>~ [*] 2 True
>~ [*weight_norm*]
> {'stored': ['final'], 'shapes': {'layers.0.weight': [8, 40], 'layers.0.bias': [8], 'layers.1.weight': [10, 8], 'layers.1.bias': [10]}}
> float []

# Two columns where both fit; else one. Nothing is lost, and what is no terminal has one.
$ f=$(ls t/runs/*.h5 | head -1); for w in 160 70; do python3 $HERE/terminal.py $w 50 basin show $f | sed -n '/^measures/,/^curves/p' | grep -c '^  [a-z]'; done; basin show $f | sed -n '/^measures/,/^curves/p' | grep -c '^  [a-z]'
> 9
> 14
> 14
$ python3 $HERE/terminal.py 160 50 basin show $(ls t/runs/*.h5 | head -1) | sed -n '/^measures/,/^curves/p' | tr -s ' ' '\n' | grep -c 'train_loss\|test_accuracy\|hessian_lambda_max$\|steps'
> 4
$ basin show t/nothing --json
2>...
exit 3
