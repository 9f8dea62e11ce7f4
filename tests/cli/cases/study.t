# A study from spec to table: plan, run, skip, add a measure, show, verify, status.
$ basin check $HERE/tiny.yaml
>~ */tiny.yaml: study tiny, 4 runs, no errors
>   data: 200 training and 100 test examples of 40 float32; 10 classes, labels 0 to 9

$ basin plan $HERE/tiny.yaml
> study tiny, results in results/tiny
> 4 runs: 4 new, 0 done
>~ to do: about *FLOP
>~ memory: at most * per run, * for data, * for the program, limit *
>~ time: about * with * job*, estimated from * training steps run now
> data: 200 training and 100 test examples of 40 float32; 10 classes, labels 0 to 9
> axes
>   regularizers.weight_decay    2  0, 0.01
>   seed                         2  0, 1
>
>~ run_id *reason *weight_decay *seed *parameters *steps *FLOP *memory *time
>~ ???????????????? *new * 0 * 0 * 418 * 8 *
>~ ???????????????? *new * 0 * 1 * 418 * 8 *
>~ ???????????????? *new * 0.01 * 0 * 418 * 8 *
>~ ???????????????? *new * 0.01 * 1 * 418 * 8 *

# A plan writes nothing.
$ ls

$ basin run $HERE/tiny.yaml -j 2
2> study tiny: 4 runs, 2 at a time, into results/tiny
2> [1/4] ????????????????  weight_decay=* seed=*  test_accuracy *s
2> [2/4] ????????????????  weight_decay=* seed=*  test_accuracy *s
2> [3/4] ????????????????  weight_decay=* seed=*  test_accuracy *s
2> [4/4] ????????????????  weight_decay=* seed=*  test_accuracy *s
2> 4 runs finished in *s
2> Next: basin table results/tiny

$ ls results/tiny; ls results/tiny/runs | wc -l
> checkpoints
> claims
> journal
> runs
> study.h5
> 4

$ basin run $HERE/tiny.yaml
2> study tiny: 4 runs, 4 finished already
2> Next: basin table results/tiny

$ rm results/tiny/study.h5; basin run $HERE/tiny.yaml --no-collect; ls results/tiny/study.h5
2> study tiny: 4 runs, 4 finished already
2> Next: basin table results/tiny
2> ls: *
exit 2

$ basin run $HERE/tiny.yaml; ls results/tiny/study.h5
2> study tiny: 4 runs, 4 finished already
2> Next: basin table results/tiny
> results/tiny/study.h5

$ basin plan $HERE/tiny.yaml | head -3
> study tiny, results in results/tiny
> 4 runs: 0 new, 4 done
> to do: nothing

$ basin plan $HERE/tiny.yaml --json | python3 -c "import json, sys; plan = json.load(sys.stdin); print(plan['study'], plan['finished'], plan['new'], len(plan['runs']), plan['runs'][3]['regularizers.weight_decay'], plan['runs'][3]['seed'], plan['runs'][3]['state'])"
> tiny 4 0 4 0.01 1 finished

$ basin table results/tiny
>~ run_id * status * weight_decay * seed * train_accuracy * test_accuracy * accuracy_gap * loss_gap
>~ ???????? * finished * 0 * 0 * 0.*
>~ ???????? * finished * 0 * 1 * 0.*
>~ ???????? * finished * 0.01 * 0 * 0.*
>~ ???????? * finished * 0.01 * 1 * 0.*
>
> not shown: train_loss, test_loss, parameters, epochs, steps, study, seconds, file (-c NAME,... shows them)

# A result is a spec.
$ basin run $(ls results/tiny/runs/*.h5 | head -1) -o again; ls again/runs
>~ ????????????????.h5
2> study tiny: 1 run, 1 at a time, into again
2> [1/1] ????????????????  test_accuracy *s
2> 1 run finished in *s
2> Next: basin table again

$ basin verify --compare again/runs/*.h5 results/tiny/runs/$(ls again/runs)
> equal    1 result

# Every result keeps its datasets when a measure is added.
$ cp -r results/tiny/runs before; basin run $HERE/tiny.yaml --set 'measures={hessian_trace: {probes: 2, examples: 50}}' 2>&1 | grep -c '1 measure added'
> 4

$ basin verify --compare before results/tiny/runs
>~ differs  before/*.h5 results/tiny/runs/*.h5  only the second has /measures/hessian_trace*
>~ differs  before/*.h5 results/tiny/runs/*.h5  only the second has /measures/hessian_trace*
>~ differs  before/*.h5 results/tiny/runs/*.h5  only the second has /measures/hessian_trace*
>~ differs  before/*.h5 results/tiny/runs/*.h5  only the second has /measures/hessian_trace*
> equal    0 results, 4 differ
exit 1

$ basin verify results/tiny
>~ ok       results/tiny/runs/????????????????.h5
>~ ok       results/tiny/runs/????????????????.h5
>~ ok       results/tiny/runs/????????????????.h5
>~ ok       results/tiny/runs/????????????????.h5

$ basin verify --rerun $(ls results/tiny/runs/*.h5 | head -1)
>~ ok       results/tiny/runs/????????????????.h5  trained again: every dataset is the same, bit for bit

$ basin status results/tiny
> study tiny in results/tiny
> 4 runs: 4 finished, 0 diverged, 0 failed, 0 damaged, 0 missing

$ rm $(ls results/tiny/runs/*.h5 | head -1); basin status results/tiny
> study tiny in results/tiny
> 4 runs: 3 finished, 0 diverged, 0 failed, 0 damaged, 1 missing
>~ Continue with: basin run */tiny.yaml -o results/tiny --set *hessian_trace*

$ basin status results/tiny --json | python3 -c "import json, sys; print(json.load(sys.stdin))"
> {'study': 'tiny', 'folder': 'results/tiny', 'runs': 4, 'finished': 3, 'diverged': 0, 'failed': 0, 'quarantined': 0, 'damaged': 0, 'running': 0, 'interrupted': 0, 'missing': 1, 'suspects': 0, 'under_way': [], 'failures': [], 'claims': []}

$ basin show $(ls results/tiny/runs/*.h5 | head -1)
>~ run ????????????????  finished  study tiny
>~ results/tiny/runs/????????????????.h5
> spec
>   dataset       name: mnist1d, train_size: 200, test_size: 100
>   architecture  type: mlp, hidden: [8]
>~   regularizers  *
>~   training      *batch_size: 50, epochs: 2
>   precision     float32
>~   seed          *
> data
>   read as       200 training and 100 test examples of 40 float32; 10 classes, labels 0 to 9
> measures
>~   train_loss                 *
>~   train_accuracy             *
>~   test_loss                  *
>~   test_accuracy              *
>~   accuracy_gap               *
>~   loss_gap                   *
>   parameters                    418
>   epochs                        2
>   steps                         8
>~   hessian_trace              * ± *
>   hessian_trace_per_parameter
>~ * trace  trace_errors
>~     layers.0.weight *
>~     layers.0.bias   *
>~     layers.1.weight *
>~     layers.1.bias   *
> curves (2 epochs, log scale)
>~   train_loss                 * █▁ *
>~   test_loss                  * ?? *
> weights (final)
>   layers.0.weight(8,40) layers.0.bias(8) layers.1.weight(10,8) layers.1.bias(10)
>~ trained at * by basin *
>~   on * (*)

# A spec asks for its own runs, whatever was run last and whatever else the folder holds.
$ basin status $HERE/tiny.yaml --set seeds=3 --set 'sweep={grid: {regularizers.weight_decay: [0]}}'; basin status $HERE/tiny.yaml --set seeds=3 --json | python3 -c "import json, sys; found = json.load(sys.stdin); print(found['runs'], found['finished'], found['missing'])"
> study tiny in results/tiny
>~ 3 runs: ? finished, 0 diverged, 0 failed, 0 damaged, ? missing
>~   *  ????????????????  seed=0
>~   *  ????????????????  seed=1
>   missing     4065ad958efdac44  seed=2
>~   ? other result? in the folder * not of this spec
>~ Continue with: basin run */tiny.yaml -o results/tiny --set seeds=3 --set 'sweep={grid: {regularizers.weight_decay: [0]}}'
> 6 3 3

$ basin status results/tiny --set seeds=3
2> basin: error: -o and --set belong to a spec, and results/tiny is a folder
exit 2

# To go on, the options have to be repeated.
$ basin run $HERE/tiny.yaml -o 'a b' -j 2 --set 'measures={weight_norm: {}}' --set seeds=1 2> /dev/null; rm "$(ls 'a b'/runs/*.h5 | head -1)"; basin status 'a b'
>~ study tiny in a b
>~ 2 runs: 1 finished, *, 1 missing
>~ Continue with: basin run */tiny.yaml -o 'a b' -j 2 --set 'measures={weight_norm: {}}' --set seeds=1

# Rows without an evaluation leave no gap; what was tracked and stored is told.
$ basin run $HERE/tiny.yaml -o sparse --set seeds=1 --set 'sweep={grid: {regularizers.weight_decay: [0]}}' --set training.epochs=7 --set evaluate.every=3 --set weights.initial=true --set 'measures={weight_norm: {every: 2}}' --set dataset.validation_size=50 2> /dev/null; basin show sparse/runs/*.h5 | sed -n '/^curves/,/^weights/p'
> curves (7 epochs, log scale)
>~   train_loss                 * █?▁ *  (3 points)
>~   validation_loss            * ??? *  (3 points)
>~   test_loss                  * ??? *  (3 points)
> tracked
>~   weight_norm                * (epoch 0) → * (epoch 6), 4 points
> weights (final, initial)

# A terminal shows the runs that ended above the line that is redrawn.
$ TERM=xterm script -qec "basin run $HERE/tiny.yaml -o screen" /dev/null < /dev/null | tr '\r' '\n' | grep -c '\[[1-4]/4\] [0-9a-f]\{16\}  weight_decay='
> 4

# A plan says why each run will be trained or not, names the axes with their sizes, and shows the first runs; --json has all of it. What is
# done gives the time of what is not.
$ printf 'study: p\ndataset: {name: mnist1d, train_size: 200, test_size: 100}\narchitecture: {type: mlp, hidden: [8]}\ntraining: {epochs: 2, batch_size: 50}\nsweep: {union: [{grid: {training.optimizer.learning_rate: [0.1, 0.2]}}, {list: [{training.optimizer.learning_rate: 0.1}]}]}\nseeds: 11\n' > p.yaml; basin run p.yaml -o p --set seeds=2 2> /dev/null; basin plan p.yaml -o p -j 3 | sed '/^to do/d; /^memory/d'
> study p, results in p
> 22 runs: 18 new, 4 done
>~ time: about * with 3 jobs, estimated from 4 finished runs
> data: 200 training and 100 test examples of 40 float32; 10 classes, labels 0 to 9
> axes
>   training.optimizer.learning_rate    2  0.1, 0.2
>   seed                               11  0, 1, 2, 3, 4, 5, 6, 7, ...
>
>~ run_id            reason  learning_rate  seed  parameters  steps *FLOP   memory *time
>~ ????????????????  done  *
>~ ????????????????  done  *
>~ ????????????????  new   *
>~ ????????????????  new   *
>~ ????????????????  new   *
>~ ????????????????  new   *
>~ ????????????????  new   *
>~ ????????????????  new   *
>~ ????????????????  new   *
>~ ????????????????  new   *
>~ ????????????????  new   *
>~ ????????????????  done  *
>~ ????????????????  done  *
>~ ????????????????  new   *
>~ ????????????????  new   *
>~ ????????????????  new   *
>~ ????????????????  new   *
>~ ????????????????  new   *
>~ ????????????????  new   *
>~ ????????????????  new   *
> ... and 2 more (--all, or --json)
2> note: 11 of the spec's 33 runs equal others; equal runs are trained once

$ basin plan p.yaml -o p --json 2> /dev/null | python3 -c "import json, sys; p = json.load(sys.stdin); print(p['flops'] == sum(r['flops'] for r in p['runs'] if r['state'] == 'new'), p['peak_bytes'] == max(r['bytes'] for r in p['runs']), p['done'], [(a['path'], a['size'], len(a['values'])) for a in p['axes']], [r['reason'] for r in p['runs'][1:3]], len(p['runs']), 0 < p['wall_seconds'] <= p['seconds'], p['timed_by'], all(r['seconds'] > 0 for r in p['runs']))"
> True True 4 [('training.optimizer.learning_rate', 2, 2), ('seed', 11, 11)] ['done', 'new'] 22 True finished runs True
# A shard says that it is a part, status speaks of the whole study, and finds the folder of a spec; verify --compare says what lacks what.
$ printf 'study: sh\ndataset: {name: mnist1d, train_size: 40, test_size: 20}\narchitecture: linear\ntraining: {epochs: 1}\nseeds: 6\n' > sh.yaml; basin plan sh.yaml --shard 2/4 | sed -n 2p; basin run sh.yaml --shard 1/2 2>&1 | head -1; basin status sh.yaml | sed -n 1,2p; basin run sh.yaml -o whole 2> /dev/null; basin verify --compare results/sh whole
> 2 of 6 runs (shard 2/4): 2 new, 0 done
>~ study sh: 3 of 6 runs (shard 1/2), * at a time, into results/sh
> study sh in results/sh
> 6 runs: 3 finished, 0 diverged, 0 failed, 0 damaged, 3 missing
>~ lacks    results/sh  ????????????????.h5
>~ lacks    results/sh  ????????????????.h5
>~ lacks    results/sh  ????????????????.h5
> equal    3 results, 3 in one folder only
exit 1
# A run that diverges has a log, which says where.
$ printf 'study: d\ndataset: {name: mnist1d, train_size: 400, test_size: 20}\narchitecture: {type: mlp, hidden: [64, 64]}\ntraining: {epochs: 5, batch_size: 40, optimizer: {type: sgd, learning_rate: 1e6}}\n' > d.yaml; basin run d.yaml -o d 2> /dev/null; cut -d ' ' -f 3- d/logs/*.log; basin table d -c status,steps,epochs
> warning: the run diverged: its loss was infinite or not a number at step 2, in epoch 1
> status    steps  epochs
> diverged      2       1

# One and the same number looks the same wherever it was written how.
$ printf 'study: w\ndataset: {name: mnist1d, train_size: 40, test_size: 20}\narchitecture: linear\ntraining: {epochs: 1}\nsweep: {grid: {regularizers.weight_decay: [0.0, 1.0e-5, 1e3]}}\n' > w.yaml; basin plan w.yaml | grep weight_decay; basin run w.yaml 2>&1 | grep -o 'weight_decay=[^ ]*' | sort; basin table results/w -c weight_decay
>   regularizers.weight_decay    3  0, 1e-5, 1000
>~ run_id * reason  weight_decay *
> weight_decay=0
> weight_decay=1000
> weight_decay=1e-5
> weight_decay
>            0
>         1e-5
>         1000

# What is under way is listed with where it goes on.
$ printf 'study: u\ndataset: {name: mnist1d}\narchitecture: linear\ntraining: {epochs: 100000}\n' > u.yaml; basin run u.yaml --time-limit 1 > /dev/null 2>&1; basin status u.yaml; basin status u.yaml --json | python3 -c "import json, sys; s = json.load(sys.stdin); r = s['under_way'][0]; print(s['interrupted'], r['state'], r['epoch'] > 0 or r['step'] > 0)"
> study u in results/u
> 1 run: 0 finished, 0 diverged, 0 failed, 0 damaged, 1 interrupted, 0 missing
>~   interrupted ????????????????  resumes from * ?*
> Continue with: basin run u.yaml -o results/u
> 1 interrupted True

# A result by the first digits of its id, under results/ or in a folder.
$ basin run $HERE/tiny.yaml -o results/ids 2> /dev/null; id=$(ls results/ids/runs | head -1 | cut -c1-16); basin show results/ids/$(echo $id | cut -c1-8) | sed -n 2p | sed "s/$id/ID/"; cp -r results lone; cd lone; mkdir results; mv ids results; basin verify $id | sed "s/$id/ID/"; basin show abc
> results/ids/runs/ID.h5
> ok       results/ids/runs/ID.h5
2> basin: error: abc is no file, and too short for an id
2>   hint: write at least 4 of its digits
exit 2
$ basin show results/ids/00000000; basin verify 00000000
2> basin: error: no result in results/ids begins with 00000000
2>   hint: name its file, results/<study>/runs/<id>.h5, or folder and id, results/<study>/00000000
2> basin: error: no result in results begins with 00000000
2>   hint: name its file, results/<study>/runs/<id>.h5, or folder and id, results/<study>/00000000
exit 2
$ id=$(ls results/tiny/runs | head -1 | cut -c1-16); basin verify $id
2> basin: error: 2 results in results begin with *
2>   hint: write more digits of the id, or DIR/*
exit 2
$ basin table results/ids --over seed.init
2> basin: error: the runs do not differ in seed.init
2>   hint: means are taken over what varies: weight_decay, seed
exit 2

# Weights that were not kept are told of; a force of two processes trains each run once more.
$ printf 'study: w\ndataset: {name: mnist1d, train_size: 40, validation_size: 10, test_size: 20}\narchitecture: linear\ntraining: {epochs: 1}\n' > w.yaml; basin run w.yaml -o w 2> /dev/null; basin run w.yaml -o w --set weights.best=true
2> study w: 1 run, 1 finished already
2> note: 1 finished run lacks some of the weights that the spec asks for and is kept unchanged (--force trains again, -o DIR in another folder)
2> Next: basin table w
$ printf 'study: twice\ndataset: {name: mnist1d, train_size: 1000, test_size: 20}\narchitecture: {type: mlp, hidden: [64]}\ntraining: {epochs: 200}\nseeds: 4\n' > twice.yaml; basin run twice.yaml -o twice 2> /dev/null; cp -r twice once; basin run twice.yaml -o twice -j 1 --force 2> /dev/null & basin run twice.yaml -o twice -j 1 --force 2> /dev/null; wait; cat twice/journal/*.jsonl | grep -c run_start; basin verify --compare twice once
> 8
> equal    4 results
# Blocks of paths in the sweep are set path by path.
$ basin plan w.yaml --set 'sweep.zip.training.epochs=[1, 2]' --set 'sweep.zip.training.batch_size=[5, 10]' --set sweep.names.training.epochs=e | sed -n '/^axes/,/batch_size/p'; basin run w.yaml --time-limit 0x10
> axes
>   e = training.epochs    2  1, 2
>   training.batch_size    2  5, 10
2> basin: error: --time-limit is "0x10", but it must be a time
2>   hint: as *
exit 2
