# A result that a program of format 1 has left (HDF5 behind a block of 512 bytes): format-1.h5 is its file, byte for byte.
$ mkdir -p out/runs; cp $HERE/format-1.h5 out/runs/1235cb15de32d805.h5; cp $HERE/format-1.yaml .; basin verify out
> ok       out/runs/1235cb15de32d805.h5
$ basin table out --format csv | cut -d , -f 1-4; basin status out | sed -n 2p
> run_id,status,seed,train_loss
> 1235cb15de32d805,finished,0,1.964552382731398
> 1 run: 1 finished, 0 diverged, 0 failed, 0 damaged, 0 missing
$ basin show out/1235cb15de32d805 | sed -n '/^  hessian/,/^curves/p'
>   hessian_trace                 37.18 ± 2.069
>   hessian_trace_per_parameter
>                       trace  trace_errors
>     layers.0.weight   36.50         1.750
>     layers.0.bias    0.6745        0.3190
> curves (2 epochs, log scale)

# It is kept, and told as what another build has made.
$ basin run format-1.yaml -o out; cmp $HERE/format-1.h5 out/runs/1235cb15de32d805.h5
2> study before: 1 run, 1 finished already
2> note: 1 result was made by another build or format, on another CPU or with other kernels of the libraries, and is kept unchanged; --force replaces results
2>...

# With a measure more it is written in the present format, and what it had stays.
$ basin run format-1.yaml -o out --set 'measures.weight_norm={}' 2> /dev/null; head -c 4 out/runs/1235cb15de32d805.h5 | tail -c 3; echo; basin verify out
> HDF
> ok       out/runs/1235cb15de32d805.h5
$ cp $HERE/format-1.h5 old.h5; basin verify --compare old.h5 out/runs/1235cb15de32d805.h5
> differs  old.h5 out/runs/1235cb15de32d805.h5  only the second has /measures/weight_norm
> equal    0 results, 1 differs
exit 1
