# measure: more measures of finished runs, without training again.
$ basin run $HERE/tiny.yaml -o out 2> /dev/null; cp -r out/runs before; basin run $HERE/tiny.yaml -o whole --set 'measures={margin: {}, hessian_top: {examples: 50, k: 2}}' 2> /dev/null
$ basin measure out margin hessian_top:examples=50,k=2 -j 2
2> [1/4] out/runs/????????????????.h5  2 measures added: hessian_top, margin  *s
2> [2/4] out/runs/????????????????.h5  2 measures added: hessian_top, margin  *s
2> [3/4] out/runs/????????????????.h5  2 measures added: hessian_top, margin  *s
2> [4/4] out/runs/????????????????.h5  2 measures added: hessian_top, margin  *s
2> 4 of 4 results measured in *s

# The same numbers as where the spec had them at once; the rest is as it was.
$ basin verify --compare out whole
> equal    4 results
$ basin verify --compare before out | sed 's/.*  only/only/'
>~ only the second has /measures/*
>~ only the second has /measures/*
>~ only the second has /measures/*
>~ only the second has /measures/*
>~ equal    0 results, 4 differ

# What is there is not taken again: as a spec writes it, by an id, of a file that is named.
$ file=$(ls out/runs/*.h5 | head -1); id=$(basename $file .h5); cp $file one.h5; cp $file two.h5; cp $file three.h5; basin measure one.h5 out/${id:0:8} 'hessian_top: {examples: 50, k: 2}' -j 1; cmp one.h5 two.h5
2> [1/2] one.h5  has all of them  *s
2> [2/2] out/runs/*.h5  has all of them  *s
2> 0 of 2 results measured in *s

# Asked for without options it is kept with those that it has, until it is to be taken again.
$ basin measure one.h5 hessian_top weight_norm
2> [1/1] one.h5  1 measure added: weight_norm  kept: hessian_top (k: 2, not 1; examples: 50, not 2000)  *s
2> 1 of 1 result measured in *s
2>   hint: a measure that a file has with other options is kept: OPTIONS add one beside it, --remeasure replaces its numbers
exit 1
$ basin measure one.h5 --remeasure hessian_top:examples=all
2> [1/1] one.h5  taken again: hessian_top (k: 2, not 1; examples: 50, not all): hessian_lambda_max * was *  *s
2> 1 of 1 result measured in *s
$ basin run two.h5 -o again --set 'measures={margin: {}, weight_norm: {}, hessian_top: {examples: all, ends: largest, k: 1}}' 2> /dev/null; basin verify --compare one.h5 again/runs/*.h5; basin verify --rerun one.h5
> equal    1 result
> ok       one.h5  trained again: every dataset is the same, bit for bit
$ basin measure one.h5 --remeasure
2> [1/1] one.h5  taken again: hessian_top: the same numbers; weight_norm: the same numbers; margin: the same numbers  *s
2> 1 of 1 result measured in *s
$ basin verify --compare one.h5 again/runs/*.h5
> equal    1 result

# With other options it stands beside the one that is there: their names end in the options.
$ basin measure two.h5 hessian_top:examples=all margin:examples=20 margin:examples=30; basin measure two.h5 hessian_top:examples=all; basin table two.h5 -c 'hessian*,margin_min*' -f csv | head -1
> hessian_lambda_max,hessian_lambda_max_converged,hessian_lambda_max_examples_all,hessian_lambda_max_examples_all_converged,margin_min,margin_min_examples_20,margin_min_examples_30
2> [1/1] two.h5  3 measures added: hessian_top@examples_all, margin@examples_20, margin@examples_30  *s
2> 1 of 1 result measured in *s
2> [1/1] two.h5  has all of them  *s
2> 0 of 1 result measured in *s
$ basin verify --compare three.h5 two.h5
> differs  three.h5 two.h5  only the second has /measures/hessian_lambda_max_examples_all
> equal    0 results, 1 differs
exit 1
$ basin measure two.h5 --remeasure; basin measure two.h5 --remeasure margin:examples=20
2> [1/1] two.h5  taken again: hessian_top: the same numbers; hessian_top@examples_all: the same numbers; margin: the same numbers; margin@examples_20: the same numbers; margin@examples_30: the same numbers  *s
2> 1 of 1 result measured in *s
2> [1/1] two.h5  taken again: margin@examples_20: the same numbers  *s
2> 1 of 1 result measured in *s
$ basin verify --rerun two.h5; basin run two.h5 -o beside 2> /dev/null; basin verify --compare two.h5 beside/runs/*.h5
> ok       two.h5  trained again: every dataset is the same, bit for bit
> equal    1 result

# Of a file that has it several times only, all are taken again.
$ basin run $HERE/tiny.yaml -o lists --set sweep=null --set seeds=1 --set 'measures={margin: [{examples: 20}, {examples: 30}]}' 2> /dev/null; basin measure lists margin; basin measure lists margin --remeasure; basin measure lists margin:examples=40
2> [1/1] lists/runs/*.h5  kept: margin@examples_20 (examples: 20, not 2000), margin@examples_30 (examples: 30, not 2000)  *s
2> 0 of 1 result measured in *s
2>   hint: *
2> [1/1] lists/runs/*.h5  taken again: margin@examples_20: the same numbers; margin@examples_30: the same numbers  *s
2> 1 of 1 result measured in *s
2> [1/1] lists/runs/*.h5  1 measure added: margin@examples_40  *s
2> 1 of 1 result measured in *s

# A tracked measure belongs to the id.
$ basin run $HERE/tiny.yaml -o tracked --set seeds=1 --set 'sweep=null' --set 'measures={hessian_top: {every: 1, examples: 20}}' 2> /dev/null; basin measure tracked hessian_top:examples=20; basin measure tracked --remeasure
2> [1/1] tracked/runs/*.h5  has all of them  *s
2> 0 of 1 result measured in *s
2> [1/1] tracked/runs/*.h5  taken again: hessian_top: the same numbers  *s
2> 1 of 1 result measured in *s
$ basin measure tracked hessian_top:examples=10 --remeasure; basin verify --rerun tracked
>~ ok       tracked/runs/*.h5  trained again: every dataset is the same, bit for bit
2> [1/1] tracked/runs/*.h5  failed: hessian_top * is tracked: its options belong to the id of the run  *s
2>   hint: for other options train a run of its own, with `hessian_top` in the spec of a study
2> 0 of 1 result measured, 1 failed in *s
$ basin measure tracked margin:every=1
2> basin: error: margin: `every` takes a measure while training, which is over
2>   hint: leave `every` out, or train runs of their own with it
exit 2

# An error of one file does not stop the others, and leaves it as it was.
$ truncate -s -1 two.h5; cp two.h5 three.h5; basin measure two.h5 out margin:examples=10 --remeasure -j 1; echo exit $?; cmp two.h5 three.h5
> exit 1
2> [1/5] two.h5  failed: two.h5 is damaged: *s
2>   hint: *
2> [2/5] out/runs/*.h5  taken again: margin (examples: 2000, not 10): margin_min * was *
2>...
2> [5/5] out/runs/*.h5  taken again: margin (examples: 2000, not 10): margin_min * was *
2> 4 of 5 results measured, 1 failed in *s

# What is wrong is said before any file is opened.
$ basin measure out hesian_top
2> (measures):1:12: error: measures: unknown measure "hesian_top"; did you mean "hessian_top"?*
2>     1 | measures: {hesian_top: {}}
2>       |            ^~~~~~~~~~
exit 2
$ basin measure out hessian_top:exmples=3
2> (measures):1:26: error: unknown key "exmples" in measures.hessian_top; did you mean "examples"?
2>...
exit 2
$ basin measure out hessian_top:k
2> basin: error: options of a measure are KEY=VALUE,... or {KEY: VALUE, ...}, not hessian_top:k
2>   hint: for example hessian_top:examples=all,k=3
exit 2
$ basin measure out margin:examples=3 margin:examples=3
2> (measures):1:36: error: measures.margin.1: these are the options of item 0, with the defaults of what is not written; each item needs options of its own; remove this one, or change it
2>...
exit 2
$ basin measure out margin@examples_4:examples=3
2> (measures):1:12: error: measures.margin@examples_4: "examples_4" behind the @ does not say options of this margin; with these options it says @examples_3; margin: [{...}, {...}] makes such names by itself
2>...
exit 2
$ basin measure margin
2> basin: error: no result is named whose network is to be measured
2>   hint: *
exit 2
$ basin measure out
2> basin: error: no measure is named
2>   hint: *
exit 2
$ basin measure nowhere margin
2> basin: error: cannot open nowhere: No such file or directory
exit 3

# What only a training can measure is not taken again from a result, and is not made up.
$ printf 'study: m\ndataset: {name: mnist1d, train_size: 60, test_size: 20}\narchitecture: {type: mlp, hidden: [4]}\ntraining: {epochs: 1}\nmeasures: {interaction: {examples: 20}}\n' > motion.yaml
$ basin run motion.yaml -o motion > /dev/null 2>&1; basin table motion -f csv -c 'interaction*' > numbers; basin measure motion --remeasure; basin table motion -f csv -c 'interaction*' | cmp numbers -
2> [1/1] motion/runs/*.h5  kept: interaction  *
2> 0 of 1 result measured in *
2>   hint: *
$ basin measure motion interaction --remeasure
2> [1/1] motion/runs/*.h5  failed: interaction looks at the state of the optimizer, which a finished result does not have  *
2>   hint: ask for it under `measures` in the spec before the run is trained, or train the run again with --force
2> 0 of 1 result measured, 1 failed in *
exit 1
