# The benches: how fast, measured here (bench/README.md).

bench_answer := $(call objects,$(wildcard bench/answer/*.c))

$(B)/bench-answerer: $(bench_answer)
$(B)/bench-pieces: $(B)/bench/answer/reply.o
