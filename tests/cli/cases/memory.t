# The memory limit: what a plan says, what is refused, what goes on.
$ printf 'study: m\ndataset: {name: mnist1d}\narchitecture: {type: mlp, hidden: [4]}\ntraining: {epochs: 1}\nsweep: {grid: {architecture.hidden: [[4], [3000, 3000]]}}\n' > m.yaml; basin plan m.yaml --json --memory 64M | python3 -c "import json, sys; p = json.load(sys.stdin); r = p['runs']; print(p['memory_limit'], p['data_bytes'] > 600000, r[0]['bytes'] < 8e6, r[1]['bytes'] > 4 * 4 * r[1]['parameters'], r[0]['keep_bytes'])"
2> warning: 1 run needs more memory than the limit allows and will be refused (see --memory)
> 67108864 True True True 0
$ basin run m.yaml -o r -j 2 --memory 64M
2> study m: 2 runs, 2 at a time, into r
2> *failed: the run needs * MiB of memory, and the limit leaves * MiB (64 MiB less * KiB of data and * MiB for the program)*
2> *test_accuracy*
2> 1 run finished, 1 failed in *
2>   failed *  the run needs * MiB of memory*
2>     hint: raise --memory, or use a smaller training.batch_size, network, or number of examples of a measure
2> Log: r/logs/????????????????.log
2> Next: basin table r
exit 1
$ basin plan m.yaml -o r --memory 64M | sed -n 2,3p
2> note: 1 run failed earlier and is not tried again without --retry failed
> 2 runs: 0 new, 1 done, 1 failed
> to do: nothing
$ basin run m.yaml -o r --memory 64M
2> study m: 2 runs, 1 finished already
2> note: 1 run failed earlier and is not tried again without --retry failed
2>   failed earlier *  *3000*  the run needs * MiB of memory, and the limit leaves * MiB *
2> Next: basin table r
exit 1
$ cat r/logs/*.log | cut -d ' ' -f 3-12; basin status r | sed -n 3,4p
> error: the run needs 422 MiB of memory, and the
> hint: raise --memory, or use a smaller training.batch_size, network, or
>~   failed   ????????????????  the run needs * MiB of memory, and the limit leaves * MiB (64 MiB less * KiB of data and * MiB for the program)
>~            log: r/logs/????????????????.log
$ basin plan m.yaml -o r --memory 64M --retry failed | sed -n 2,4p
2> warning: 1 run needs more memory than the limit allows and will be refused (see --memory)
> 2 runs: 1 new, 1 done
>~ to do: about *FLOP
>~ memory: at most * MiB per run, * for data, * MiB for the program, limit 64 MiB
$ basin run m.yaml -o r -j 2 --memory 0x4G
2> basin: error: --memory is "0x4G", but it must be a size or a percentage
2>...
exit 2
$ basin plan m.yaml --memory 120%
2> basin: error: --memory is "120%", but it must be a size or a percentage
2>...
exit 2
$ basin plan m.yaml --memory -1
2> basin: error: --memory is "-1", but it must be a size or a percentage
2>...
exit 2
$ for size in 50% 1.5g 700MiB 900000K 2T; do basin plan m.yaml --json --memory $size | grep -o '"memory_limit": [0-9]*' | tail -1; done | tail -4
> "memory_limit": 1610612736
> "memory_limit": 734003200
> "memory_limit": 921600000
> "memory_limit": 2199023255552
# Where it fits nobody need ask for it.
$ basin plan m.yaml -o r --memory 2G | sed -n 2p
> 2 runs: 1 new, 1 done
# The program and its data do not fit by themselves.
$ basin run m.yaml -o none --memory 3M
2> basin: error: the limit of memory is 3.0 MiB, and without any run the program takes * MiB and the data of the study * KiB
2>   hint: raise --memory
exit 2
# What several failures have in common is said once; where there is no result, none is offered.
$ basin run m.yaml -o none -j 1 --memory $(basin plan m.yaml --json | python3 -c "import json, sys; p = json.load(sys.stdin); print(int(p['program_bytes'] + p['data_bytes']) + (2 << 20))")
2> study m: 2 runs, 1 at a time, into none
2> *failed: the run needs * MiB of memory, and the limit leaves 2.0 MiB (* MiB less * KiB of data and * MiB for the program)*
2> *failed: the run needs * MiB of memory, and the limit leaves 2.0 MiB (* MiB less * KiB of data and * MiB for the program)*
2> 0 runs finished, 2 failed in *
2>   failed *
2>   failed *
2>     hint: raise --memory, *
2> Logs: none/logs/
exit 1
