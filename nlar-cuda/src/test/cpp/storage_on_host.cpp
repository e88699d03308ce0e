// The conversions of storage.cuh over arrays of patterns, for StorageTest. A word holds two elements of 16 bits.
#include "cuda_on_host.h"
#include "storage.cuh"

using namespace nlar;

namespace {

Elements<float, 2> floats(const u32* bits) { return {number(bits[0]), number(bits[1])}; }

void put(const Elements<float, 2>& x, u32* to) {
  to[0] = bits(x.x[0]);
  to[1] = bits(x.x[1]);
}

}  // namespace

extern "C" {

u64 storage_key(u64 key, u64 t, u64 first) { return roundingKey(key, t, first); }

u32 storage_random(u64 rounding_key, u64 first) { return randomBits(rounding_key, first); }

void storage_open_bfloat16(const u32* words, u32* to, int pairs) {
  for (int i = 0; i < pairs; i++) {
    put(opened(Pair<Bfloat16>{words[i]}), to + 2 * i);
  }
}

void storage_open_float16(const u32* words, u32* to, int pairs) {
  for (int i = 0; i < pairs; i++) {
    put(opened(Pair<Float16>{words[i]}), to + 2 * i);
  }
}

void storage_open_joined(const u32* upper, const u32* lower, u32* to, int pairs) {
  for (int i = 0; i < pairs; i++) {
    put(opened(Pair<Bfloat16>{upper[i]}, Pair<Remainder>{lower[i]}), to + 2 * i);
  }
}

void storage_keep_stochastic(const u32* from, u32 random, u32 multiplier, u32* words, int pairs) {
  for (int i = 0; i < pairs; i++) {
    Pair<Bfloat16> kept;
    keep(floats(from + 2 * i), random, multiplier, kept);
    words[i] = kept.word;
  }
}

void storage_keep_split(const u32* from, u32* upper, u32* lower, int pairs) {
  for (int i = 0; i < pairs; i++) {
    Pair<Bfloat16> value;
    Pair<Remainder> behind;
    keepValue(floats(from + 2 * i), 0, value, behind);
    upper[i] = value.word;
    lower[i] = behind.word;
  }
}

void storage_keep_float16(const u32* from, u32* words, u32* masters, int pairs) {
  for (int i = 0; i < pairs; i++) {
    Pair<Float16> value;
    Pair<float> master;
    keepValue(floats(from + 2 * i), 0, value, master);
    words[i] = value.word;
    put(opened(master), masters + 2 * i);
  }
}
}
