"""The names that are absent, with what to write today."""

from __future__ import annotations

__all__ = ["EQUIVALENTS", "MODULES", "RESTORED", "STATIC"]

# Names of static graphs, wherever in fluid they stood.
STATIC = frozenset(
    """
    AsyncExecutor BuildStrategy CompiledProgram DataFeedDesc DataFeeder DatasetFactory DistMultiTrainer
    DistributeTranspiler DistributeTranspilerConfig ExecutionStrategy Executor ExecutorPrepareContext HashName
    InMemoryDataset LayerHelperBase LoDTensorBlockingQueue MultiTrainer OpProtoHolder ParallelExecutor
    PipelineTrainer Program ProgramDesc QueueDataset RoundRobin Scope StaticModelRunner Switch
    TrainerDesc WeightNormParamAttr append_backward Block Operator Compressor QuantizeTranspiler
    convert_dist_to_sparse_program create_py_reader_by_data data device_guard double_buffer get_program_parameter
    get_program_persistable_vars global_scope is_parameter load load_inference_model load_params
    load_persistables load_persistables_for_increment load_persistables_for_inference load_program_state
    memory_optimize memory_usage multi_download multi_upload op_freq_statistic op_proto_and_checker_maker
    program_guard py_reader read_file release_memory save save_inference_model save_params save_persistables
    save_vars scope_guard set_program_state HDFSClient BoxPS Fleet IfElse DynamicRNN StaticRNN While
    error_clip_callback ErrorClipByValue default_scope_funcs
    PipelineOptimizer RecomputeOptimizer DGCMomentumOptimizer LookaheadOptimizer ModelAverage
    ExponentialMovingAverage
    """.split()
)

# Functions that made new parameters at each call: of use in static graphs only.
MAKERS = {
    "batch_norm": "fluid.dygraph.BatchNorm, or paddle.nn.BatchNorm2D",
    "bilinear_tensor_product": "fluid.dygraph.BilinearTensorProduct, or paddle.nn.Bilinear",
    "conv2d": "fluid.dygraph.Conv2D, or paddle.nn.Conv2D",
    "conv2d_transpose": "fluid.dygraph.Conv2DTranspose, or paddle.nn.Conv2DTranspose",
    "conv3d": "fluid.dygraph.Conv3D, or paddle.nn.Conv3D",
    "conv3d_transpose": "fluid.dygraph.Conv3DTranspose, or paddle.nn.Conv3DTranspose",
    "data_norm": "fluid.dygraph.BatchNorm, or paddle.nn.BatchNorm1D",
    "deformable_conv": "paddle.vision.ops.DeformConv2D",
    "embedding": "fluid.dygraph.Embedding, or paddle.nn.Embedding",
    "fc": "fluid.dygraph.Linear, or paddle.nn.Linear",
    "group_norm": "fluid.dygraph.GroupNorm, or paddle.nn.GroupNorm",
    "gru_unit": "fluid.dygraph.GRUUnit, or paddle.nn.GRUCell",
    "hsigmoid": "paddle.nn.HSigmoidLoss",
    "inplace_abn": "fluid.dygraph.BatchNorm with act=",
    "instance_norm": "fluid.dygraph.InstanceNorm, or paddle.nn.InstanceNorm2D",
    "layer_norm": "fluid.dygraph.LayerNorm, or paddle.nn.LayerNorm",
    "lstm_unit": "fluid.contrib.layers.BasicLSTMUnit, or paddle.nn.LSTMCell",
    "nce": "fluid.dygraph.NCE",
    "prelu": "fluid.dygraph.PRelu, or paddle.nn.PReLU",
    "row_conv": "a paddle.nn.Conv1D over the padded sequence",
    "center_loss": "a few lines of paddle.nn with the centers as a buffer",
    "spectral_norm": "fluid.dygraph.SpectralNorm, or paddle.nn.SpectralNorm",
}

LAYERS = {
    **MAKERS,
    "BasicDecoder": "paddle.nn.dynamic_decode with a paddle.nn.Decoder",
    "BeamSearchDecoder": "paddle.nn.BeamSearchDecoder",
    "Categorical": "paddle.distribution.Categorical",
    "DecodeHelper": "a paddle.nn.Decoder",
    "Decoder": "paddle.nn.Decoder",
    "GRUCell": "fluid.dygraph.GRUUnit, or paddle.nn.GRUCell",
    "GreedyEmbeddingHelper": "a paddle.nn.Decoder",
    "LSTMCell": "fluid.contrib.layers.BasicLSTMUnit, or paddle.nn.LSTMCell",
    "MultivariateNormalDiag": "paddle.distribution.MultivariateNormal",
    "Normal": "paddle.distribution.Normal",
    "RNNCell": "paddle.nn.RNNCellBase",
    "SampleEmbeddingHelper": "a paddle.nn.Decoder",
    "TrainingHelper": "a paddle.nn.Decoder",
    "Uniform": "paddle.distribution.Uniform",
    "add_position_encoding": "a sum with precomputed sines and cosines",
    "anchor_generator": "anchors computed with numpy",
    "auc": "fluid.metrics.Auc, or paddle.metric.Auc",
    "beam_search": "paddle.nn.BeamSearchDecoder",
    "beam_search_decode": "fluid.layers.gather_tree, or paddle.nn.functional.gather_tree",
    "bipartite_match": "scipy.optimize.linear_sum_assignment",
    "box_clip": "fluid.layers.clip of the coordinates",
    "box_decoder_and_assign": "paddle.vision.ops.box_coder",
    "chunk_eval": "fluid.metrics.ChunkEvaluator with counts of your own",
    "collect_fpn_proposals": "paddle.concat and paddle.topk of the proposals",
    "continuous_value_model": "a slice of the input",
    "crf_decoding": "paddle.text.viterbi_decode",
    "ctc_greedy_decoder": "paddle.argmax, then dropping repetitions and blanks",
    "deformable_roi_pooling": "paddle.vision.ops.deform_conv2d with paddle.vision.ops.roi_align",
    "density_prior_box": "paddle.vision.ops.prior_box",
    "detection_output": "paddle.vision.ops.box_coder with paddle.vision.ops.matrix_nms",
    "distribute_fpn_proposals": "paddle.vision.ops.distribute_fpn_proposals",
    "dynamic_decode": "paddle.nn.dynamic_decode",
    "dynamic_gru": "paddle.nn.GRU",
    "dynamic_lstm": "paddle.nn.LSTM",
    "dynamic_lstmp": "paddle.nn.LSTM with proj_size=",
    "edit_distance": "paddle.nn.functional has none; compute it with numpy and feed fluid.metrics.EditDistance",
    "filter_by_instag": "a boolean mask, paddle.masked_select",
    "generate_mask_labels": "numpy in the reader",
    "generate_proposal_labels": "numpy in the reader",
    "generate_proposals": "paddle.vision.ops.generate_proposals",
    "get_tensor_from_selected_rows": "the gradient itself: gradients are dense",
    "hash": "numpy in the reader",
    "im2sequence": "fluid.layers.unfold, or paddle.nn.functional.unfold",
    "linear_chain_crf": "a CRF loss of your own; decoding is paddle.text.viterbi_decode",
    "locality_aware_nms": "paddle.vision.ops.nms",
    "lod_append": "padded tensors with a length for each",
    "lod_reset": "padded tensors with a length for each",
    "lstm": "paddle.nn.LSTM",
    "matrix_nms": "paddle.vision.ops.matrix_nms",
    "merge_selected_rows": "the gradient itself: gradients are dense",
    "multi_box_head": "paddle.vision.ops.prior_box with a fluid.dygraph.Conv2D for each map",
    "polygon_box_transform": "numpy",
    "prroi_pool": "paddle.vision.ops.roi_align",
    "psroi_pool": "paddle.vision.ops.psroi_pool",
    "py_func": "the Python function itself, or paddle.autograd.PyLayer",
    "random_crop": "paddle.vision.transforms.RandomCrop",
    "reorder_lod_tensor_by_rank": "paddle.argsort of the lengths with paddle.gather",
    "retinanet_detection_output": "paddle.vision.ops.box_coder with paddle.vision.ops.nms",
    "retinanet_target_assign": "numpy in the reader",
    "rnn": "a Python loop over the cell, or paddle.nn.RNN",
    "roi_align": "paddle.vision.ops.roi_align",
    "roi_perspective_transform": "paddle.nn.functional.grid_sample",
    "roi_pool": "paddle.vision.ops.roi_pool",
    "rpn_target_assign": "numpy in the reader",
    "sampled_softmax_with_cross_entropy": "fluid.dygraph.NCE, or a cross entropy over gathered classes",
    "similarity_focus": "numpy",
    "ssd_loss": "fluid.layers.iou_similarity, smooth_l1 and softmax_with_cross_entropy",
    "target_assign": "fluid.layers.gather",
}
SEQUENCES = (
    "concat conv enumerate expand expand_as first_step last_step pad pool reshape reverse scatter slice softmax unpad"
)
LAYERS.update({f"sequence_{name}": "padded tensors with fluid.layers.sequence_mask" for name in SEQUENCES.split()})

TOP = {
    "ComplexVariable": "a paddle tensor of type complex64",
    "LoDTensor": "a padded tensor with a length for each sequence",
    "LoDTensorArray": "a Python list",
    "Tensor": "paddle.Tensor",
    "create_lod_tensor": "a padded tensor with a length for each sequence",
    "create_random_int_lodtensor": "fluid.layers.randint",
    "embedding": MAKERS["embedding"],
    "gradients": "fluid.dygraph.grad, or paddle.grad",
    "learning_rate_decay": "fluid.dygraph.learning_rate_scheduler",
    "load_op_library": "paddle.utils.cpp_extension",
    "monkey_patch_varbase": "nothing: variables have their operators",
    "monkey_patch_variable": "nothing: variables have their operators",
    "in_imperative_mode": "fluid.in_dygraph_mode",
}
NETS = {
    "img_conv_group": "a fluid.dygraph.Sequential of Conv2D, BatchNorm and Pool2D",
    "sequence_conv_pool": "a paddle.nn.Conv1D and a maximum",
    "simple_img_conv_pool": "a fluid.dygraph.Sequential of Conv2D and Pool2D",
}
CONTRIB = {
    "basic_gru": "paddle.nn.GRU",
    "basic_lstm": "paddle.nn.LSTM",
    "ctr_metric_bundle": "paddle.metric.Auc and means of your own",
    "extend_with_decoupled_weight_decay": "paddle.optimizer.AdamW",
    "fused_elemwise_activation": "the two functions one after the other",
    "fused_embedding_seq_pool": "fluid.dygraph.Embedding with fluid.layers.reduce_sum",
    "mixed_precision": "paddle.amp",
    "multiclass_nms2": "fluid.layers.multiclass_nms",
    "partial_concat": "fluid.layers.slice with fluid.layers.concat",
    "partial_sum": "fluid.layers.slice with fluid.layers.sums",
    "shuffle_batch": "paddle.randperm with paddle.gather",
    "tree_conv": "fluid.dygraph.TreeConv",
    **dict.fromkeys("BeamSearchDecoder InitState StateCell TrainingDecoder".split(), "paddle.nn.BeamSearchDecoder"),
    **dict.fromkeys(
        "match_matrix_tensor rank_attention search_pyramid_hash sequence_topk_avg_pooling tdm_child tdm_sampler "
        "var_conv_2d".split(),
        "an operator of your own, paddle.utils.cpp_extension",
    ),
}


def under(area, names):
    return {f"{area}.{name}": way_on for name, way_on in names.items()}


# 'layers.fc' -> what to write today
EQUIVALENTS = {
    **TOP,
    **under("framework", TOP),
    **under("core", TOP),
    **under("input", {"embedding": MAKERS["embedding"]}),
    **under("backward", {"gradients": TOP["gradients"]}),
    **under("layers", LAYERS),
    **under("nets", NETS),
    **under("contrib", CONTRIB),
    **under("contrib.layers", CONTRIB),
    **dict.fromkeys(
        "core.AnalysisConfig core.AnalysisPredictor core.NativeConfig core.NativePaddlePredictor core.PaddleBuf "
        "core.PaddleDType core.PaddlePlace core.PaddlePredictor core.PaddleTensor core.ZeroCopyTensor "
        "core.create_paddle_predictor".split(),
        "paddle.inference",
    ),
    "dygraph.static_runner.StaticModelRunner": "fluid.dygraph.jit.load",
    "dygraph.StaticModelRunner": "fluid.dygraph.jit.load",
    "clip.set_gradient_clip": "grad_clip= of the optimizer",
    "metrics.DetectionMAP": "a mean average precision with numpy",
    "param_attr.WeightNormParamAttr": "paddle.nn.utils.weight_norm",
    "dygraph.profiler.start_gperf_profiler": "paddle.profiler.Profiler",
    "dygraph.profiler.stop_gperf_profiler": "paddle.profiler.Profiler",
    "optimizer.ModelAverage": "paddle.incubate.ModelAverage",
    "optimizer.LookaheadOptimizer": "paddle.incubate.LookAhead",
    "optimizer.ExponentialMovingAverage": "paddle.static.ExponentialMovingAverage, or a few lines of your own",
    "optimizer.RecomputeOptimizer": "paddle.distributed.fleet.utils.recompute",
    "optimizer.DGCMomentumOptimizer": "paddle.distributed.fleet with strategy.dgc",
    "optimizer.PipelineOptimizer": "paddle.distributed.fleet.meta_parallel.PipelineLayer",
    "reader.default_collate_fn": "paddle.io.dataloader.collate.default_collate_fn, or a function of your own",
    "io.default_collate_fn": "paddle.io.dataloader.collate.default_collate_fn, or a function of your own",
}

# Operators that Paddle has dropped since, and the functions of `fluid.layers` that compute the same.
RESTORED = {
    **{
        name: name
        for name in (
            "bpr_loss cos_sim diag expand_as flatten gaussian_random_batch_size_like iou_similarity isfinite "
            "margin_rank_loss mean_iou one_hot pad2d pad_constant_like rank_loss sampling_id sigmoid_focal_loss "
            "soft_relu space_to_depth squeeze teacher_student_sigmoid_loss unique_with_counts unsqueeze"
        ).split()
    },
    "fill_zeros_like": "zeros_like",
    "fill_zeros_like2": "zeros_like",
    "fsp": "fsp_matrix",
    "isinf": "has_inf",
    "isnan": "has_nan",
    "minus": "elementwise_sub",
    "multiclass_nms2": "multiclass_nms",
    "smooth_l1_loss": "smooth_l1",
    "trilinear_interp": "resize_trilinear",
}

# Modules of fluid that are absent.
MODULES = {
    **dict.fromkeys(
        "communicator data_feed_desc dataset debugger default_scope_funcs device_worker "
        "distribute_lookup_table graphviz incubate layer_helper_base net_drawer op parallel_executor proto "
        "trainer_desc trainer_factory transpiler data_generator fleet".split(),
        "static graphs are out of scope here, and {} belonged to them; see paddle.static, and paddle.distributed for "
        "training on many devices",
    ),
    "lod_tensor": "{} is not available here; use padded tensors with a length for each sequence",
    "evaluator": "{} is not available here; see fluid.metrics, or paddle.metric",
    "distributed": "{} is not available here; see paddle.distributed",
    "dataloader": "{} is not available here; see fluid.io.DataLoader, or paddle.io",
    "multiprocess_utils": "{} is not available here; see paddle.io",
    "log_helper": "{} is not available here; see logging, or paddleslim.common.get_logger",
    "annotations": "{} is not available here; see paddle.utils.deprecated",
    "dygraph": "{} is not available here; see fluid.dygraph",
    "layers": "{} is not available here; see fluid.layers",
    "contrib": "{} is not available here; see paddle.nn, and paddleslim for compression",
}
