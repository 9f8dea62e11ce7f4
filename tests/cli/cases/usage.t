# What is wrong on the command line itself: exit 2, the nearest word, where to read more.
$ basin
2> basin: error: no command given
2> See: basin --help
exit 2

$ basin tabel results
2> basin: error: unknown command "tabel"
2>   hint: did you mean "table"?
2> See: basin --help
exit 2

$ basin quux
2> basin: error: unknown command "quux"
2> See: basin --help
exit 2

$ basin run --jbos 3 x.yaml
2> basin: error: unknown option --jbos
2>   hint: did you mean --jobs?
2> See: basin run --help
exit 2

$ basin run -x
2> basin: error: unknown option -x
2> See: basin run --help
exit 2

$ basin run study.yaml --jobs
2> basin: error: option --jobs needs a value, N
2> See: basin run --help
exit 2

$ basin run study.yaml -j
2> basin: error: option --jobs needs a value, N
2> See: basin run --help
exit 2

$ basin plan study.yaml --json=yes
2> basin: error: option --json takes no value
2> See: basin plan --help
exit 2

$ basin run $HERE/tiny.yaml -j 0
2> basin: error: --jobs takes a whole number from 1 to 4096, not "0"
exit 2

$ basin run $HERE/tiny.yaml -j 2x
2> basin: error: --jobs takes a whole number from 1 to 4096, not "2x"
exit 2

$ basin run $HERE/tiny.yaml -j 99999999999999999999
2> basin: error: --jobs takes a whole number from 1 to 4096, not "99999999999999999999"
exit 2

$ basin run
2> basin: error: too few arguments: basin run SPEC [OPTION]...
2> See: basin run --help
exit 2

$ basin run a b
2> basin: error: too many arguments: basin run SPEC [OPTION]...
2> See: basin run --help
exit 2

$ basin check -
2> basin: error: a spec cannot be read from standard input
2>   hint: write it to a file: its paths are relative to that file's folder
exit 2

$ mkdir folder; basin check folder
2> basin: error: folder is a folder, not a spec
2>   hint: name a .yaml file, or a result .h5 file
exit 2

$ basin check missing.yaml
2> basin: error: cannot open missing.yaml: No such file or directory
exit 3

# Missing or wrong data are shown at the key that names them, and are no mistake of the spec (exit 3).
$ printf 'study: data\ndataset:\n  name: hdf5\n  path: none.h5\narchitecture: {type: linear}\ntraining: {epochs: 1}\n' > data.yaml; basin check data.yaml
2> data.yaml:4:9: error: dataset.path: cannot open */none.h5: No such file or directory; a relative path starts at the folder of the spec
2>     4 |   path: none.h5
2>       |         ^~~~~~~
exit 3

$ echo text > none.h5; basin run data.yaml
2> data.yaml:4:9: error: dataset.path: */none.h5: this is not a readable HDF5 file*
2>     4 |   path: none.h5
2>       |         ^~~~~~~
exit 3

$ basin plan data.yaml --set dataset.path=.
2> --set dataset.path=.:1:*: error: dataset.path: * is a folder*
2>...
exit 3

$ basin table missing
2> basin: error: cannot open missing: No such file or directory
exit 3

$ basin status missing
2> basin: error: cannot open missing: No such file or directory
exit 3

$ basin list mesures
2> basin: error: there is no list of "mesures"
2>   hint: did you mean "measures"?
exit 2

$ basin explain no-such-key-at-all
2> basin: error: *
2>...
exit 2

# Files that are no results, or no longer.
$ echo text > junk.h5; basin show junk.h5
2> basin: error: junk.h5 is not a result file of this program
exit 3

$ basin verify junk.h5
> not a result junk.h5
2> basin: error: junk.h5 is not a result file of this program
exit 1

$ basin run $HERE/tiny.yaml -o d --set seeds=1 --set 'sweep={grid: {regularizers.weight_decay: [0]}}' 2> /dev/null; truncate -s 1000 d/runs/*.h5; basin verify d
>~ damaged  d/runs/????????????????.h5
2> basin: byte 1000: error: d/runs/????????????????.h5 is damaged: it is shorter than it says
2>   hint: run its study again: the file is set aside and this run alone is trained anew
exit 1

$ basin run $HERE/tiny.yaml -o d --set seeds=1 --set 'sweep={grid: {regularizers.weight_decay: [0]}}' 2>&1 | grep -c damaged; ls d/runs
> 1
>~ ????????????????.h5
>~ ????????????????.h5.damaged

$ basin show d
2> basin: error: d is a folder; show takes a result file
2>   hint: use `basin table d` for a folder
exit 2

# A full disk behind stdout is an error, a closed pipe is silence.
$ basin --help > /dev/full
2> basin: error: cannot write to standard output: No space left on device
exit 3

$ basin schema | head -c 1
> {
