# verify: what is damaged, what is another run, and what is an error of the environment.

$ python3 $HERE/idx.py a; python3 $HERE/idx.py b; cp $HERE/idx.yaml . ; basin run idx.yaml -o out --set seeds=2 2> /dev/null; ls out/runs | wc -l
>~ *
$ f=$(ls out/runs/*.h5 | head -1); cp $f one.h5; basin verify --rerun one.h5
> ok       one.h5  trained again: every dataset is the same, bit for bit

$ id=$(ls out/runs | head -1 | cut -c1-16); basin verify --compare out/${id:0:8} one.h5; basin verify --compare out/$id out/$id
> equal    1 result
> equal    1 result

# The data set is gone: the file holds all the same.
$ mv a c; basin verify one.h5
> ok       one.h5
$ basin verify --rerun one.h5
> error    one.h5
2> basin: error: cannot open */a/train-images: No such file or directory
exit 3
$ cp -r c a; truncate -s 25 a/train-labels; basin verify --rerun one.h5
> error    one.h5
2> basin: error: */a/train-labels: the file ends early (byte 25)
2>   hint: see "Your own data" in experiments/README.md
exit 3

# Other data in the old place: the message is of the data, not of the training.
$ rm -r a; cp -r b a; cp c/train-labels a; printf '\001' | dd of=a/train-labels bs=1 seek=8 conv=notrunc 2> /dev/null; basin verify --rerun one.h5
> error    one.h5
2> basin: error: one.h5: the data set is not the one that run * was trained on: with it, this is run *
2>   hint: put the old data back; the attribute digest of /data says which they were
exit 3
$ basin run one.h5 -o changed
2> study *
2> note: data: 9 of 10 test examples equal a training example
2> note: data: 1 of 10 test examples have the input of a training example, with another label
2> note: this spec comes from run * but describes run *: the data set or a value has changed since
2>...
$ rm -r a; mv c a; truncate -s -1 one.h5; basin verify --rerun one.h5
> damaged  one.h5
2>...
exit 1

# A result under the name of another run: the same file is sound where no name is claimed.
$ set -- out/runs/*.h5; cp $1 $2; cp $1 copy.h5; basin verify copy.h5
> ok       copy.h5
$ basin verify out | grep -c damaged
> 1
2> basin: error: out/runs/*.h5: the file holds another run, *
$ basin status out | sed -n 's/^  damaged .*another run.*/said/p'
> said
