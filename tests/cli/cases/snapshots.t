# snapshots: weights while training (weights.every, every_steps).
$ basin run $HERE/tiny.yaml -o plain 2> /dev/null; basin plan $HERE/tiny.yaml -o out --set weights.every=1 | grep disk; basin run $HERE/tiny.yaml -o out --set weights.every=1 2> /dev/null; diff <(ls plain/runs) <(ls out/runs)
>~ disk: snapshots of the weights at most * KiB per run, * KiB in all
$ id=$(basename $(ls out/runs/*.h5 | head -1)); basin verify --compare plain/runs/$id out/runs/$id | sed 's/.*  only/only/'; basin verify --rerun out/runs/$id; basin show out/runs/$id | grep '^weights'
> only the second has /weights/epoch_0000
> equal    0 results, 1 differs
>~ ok       out/runs/*.h5  trained again: every dataset is the same, bit for bit
> weights (final, 3 snapshots, every 1 epoch)

# By steps, and epochs of so many steps.
$ basin run $HERE/tiny.yaml -o steps --set weights.every_steps=3 2> /dev/null; basin show $(ls steps/runs/*.h5 | head -1) | grep '^weights'; basin run $HERE/tiny.yaml -o whole --set 'weights.every_steps=1 epochs' 2> /dev/null;  basin show $(ls whole/runs/*.h5 | head -1) | grep '^weights'; basin verify --rerun $(ls whole/runs/*.h5 | head -1)
> weights (final, 3 snapshots, every 3 steps)
> weights (final, 3 snapshots, every 4 steps)
>~ ok       whole/runs/*.h5  trained again: every dataset is the same, bit for bit

# Of a result that lacks them, or has others, it is told.
$ basin run $HERE/tiny.yaml -o plain --set weights.every=1; basin run $HERE/tiny.yaml -o out --set weights.every=2; basin run $HERE/tiny.yaml -o out --set weights.every=1
2> study tiny: 4 runs, 4 finished already
2> note: 4 finished runs lack some of the weights that the spec asks for and are kept unchanged *
2> Next: basin table plain
2> study tiny: 4 runs, 4 finished already
2> note: 4 finished runs lack some of the weights that the spec asks for and are kept unchanged *
2> Next: basin table out
2> study tiny: 4 runs, 4 finished already
2> Next: basin table out

# A measure that is added leaves them alone.
$ cp -r out/runs before; basin measure out weight_norm 2> /dev/null; basin verify --compare before out | sed 's/.*  only/only/' | sort -u
> equal    0 results, 4 differ
> only the second has /measures/weight_norm

$ basin check $HERE/tiny.yaml --set weights.every=1 --set weights.every_steps=1
2> --set weights.every_steps=1:*: error: weights.every_steps: weights.every and weights.every_steps are both given; give one of them
2>...
exit 2
$ basin check $HERE/tiny.yaml --set weights.every_steps=1 --set training.epochs=1000
2> --set weights.every_steps=1:*: error: weights.every_steps: more than 4,000 snapshots of the weights in one run; take them less often
2>...
exit 2
