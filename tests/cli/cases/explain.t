# One key, wherever it occurs: those of layers too, and what results are called.
$ COLUMNS=1000 basin explain padding
> architecture.layers[].padding (conv)
>   Zeros on both sides; same: dilation (kernel - 1) / 2.
>   type       an integer, or [height, width], from 0 to 65536, or one of same
>   default    0
>   sweep      by its place in the list of layers (architecture.layers.0...)
>   elsewhere  called pad
>
> architecture.layers[].padding (max_pool, average_pool)
>   On both sides: never chosen by a maximum, zeros that count for an average.
>   type       an integer, or [height, width], from 0 to 65536
>   default    0
>   sweep      by its place in the list of layers (architecture.layers.0...)

$ for key in conv.channels batch_norm.momentum group_norm.groups dropout.rate max_pool.stride affine 'architecture.layers[0].conv.kernel' architecture.layers.dense.units; do basin explain "$key" | head -1; done
> architecture.layers[].channels (conv)
> architecture.layers[].momentum (batch_norm)
> architecture.layers[].groups (group_norm)
> architecture.layers[].rate (dropout)
> architecture.layers[].stride (max_pool)
> architecture.layers[].affine (batch_norm, layer_norm, group_norm)
> architecture.layers[].kernel (conv)
> architecture.layers[].units (dense)

$ COLUMNS=1000 basin explain dense | head -4
> dense (layer)
>   Dense layer on a vector, or on every step of a sequence; an image is flattened first.
>   units                Outputs. [an integer from 1 to 1048576; required]
>   bias                 Add a bias. [true or false; default true]

# What has the name goes before what has it as another word only, and paths before layers in lists.
$ basin explain dropout | grep '^[^ ]'
> regularizers.dropout
> dropout (layer)
> architecture.layers[].dropout (rnn, lstm, gru)

$ for key in layers architecture.layers; do basin explain $key | grep '^architecture' | head -1; done; basin explain layers | grep '^architecture' | tail -2
> architecture.layers (cnn)
> architecture.layers (cnn)
> architecture.hidden (mlp)
> architecture.depth (transformer)

$ for key in hessian_trace.mode hessian_trace.every measures weights.best training.epochs; do basin explain $key | grep '^  sweep'; done
>   sweep      only where the measure is taken while training (every)
>   sweep      can be swept
>   sweep      cannot be swept
>   sweep      cannot be swept
>   sweep      cannot be swept
>   sweep      cannot be swept
>   sweep      can be swept

# Results: numbers, curves, arrays and their groups.
$ for key in batch_loss gradient_norm test_bits_per_character weight_norm eigenvalue trace_errors; do basin explain $key | grep ' in /'; done
> batch_loss (a curve in /curves and /steps)
> gradient_norm (a curve in /curves and /steps)
> test_bits_per_character (a number in /measures and a column of `basin table`)
> test_bits_per_character (a curve in /curves)
> weight_norm (a number in /measures and a column of `basin table`)
> weight_norm (a curve in /curves and /steps)
> eigenvalue (an array in /measures/hessian_top)
> eigenvalue (an array in /measures/hessian_spectrum)
> trace_errors (an array in /measures/hessian_trace_per_parameter)

$ COLUMNS=1000 basin explain hessian_trace_per_parameter | grep -v '  gauss_\|fisher_\|subset' | cut -c 1-62
> hessian_trace_per_parameter (results of the measure hessian_tr
>   hessian_trace        trace of the Hessian of the training lo
>   hessian_trace_stderr standard error of hessian_trace (0 for 
>   index                array in /measures/hessian_trace_per_pa
>   trace                array in /measures/hessian_trace_per_pa
>   trace_errors         array in /measures/hessian_trace_per_pa

$ for key in conv.chanels paddin batch_los eigenvalues; do basin explain $key 2>&1 | tail -1; done
>   hint: did you mean "architecture.layers[].conv.channels"?
>   hint: did you mean "architecture.layers[].conv.padding"?
>   hint: did you mean "batch_loss"?
>   hint: did you mean "eigenvalue"?
# Words of sweeps, and of results.
$ for word in uniform log_uniform int_uniform normal choice linspace logspace range above below at_least at_most not type run_id status diverged failed suspect quarantined sweep.union; do basin explain $word > out || echo $word; head -1 out | cut -d ' ' -f 1 | grep -qx $word || echo "no $word"; done

# An item of a list asks for lists of that name.
$ for item in architecture.hidden.0 channels.1 dataset.transforms.0; do basin explain $item | grep -o '^[a-z]*[.][a-z]*'; done; basin explain transforms.0.gaussian_noise.sd | grep sweep
> architecture.hidden
> architecture.hidden
> architecture.channels
> dataset.transforms
>   sweep      by its place in the list (dataset.transforms.0...)

$ basin explain exploded | head -2; basin explain converged | head -1
> exploded (of a run)
>   A run that has finished, but whose training loss ended more than ten times above that of the
> converged (of a run)
