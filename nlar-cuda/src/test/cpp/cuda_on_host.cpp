// Executes kernels on the host: a thread block is a set of fibers on one system thread, resumed in turn. A thread block
// whose threads wait for each other in vain is reported and aborts.
#include "cuda_on_host.h"

#include <cstdio>
#include <mutex>
#include <vector>

#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__)
#include <immintrin.h>
#else
#define NLAR_UCONTEXT
#include <ucontext.h>
#endif

#include "layout.cuh"

namespace host {

uint3 threadIdx, blockIdx, blockDim, gridDim;

namespace {

constexpr unsigned MOST_THREADS = 1024;
constexpr size_t STACK_BYTES = 64 * 1024;
constexpr unsigned WARP = 32;

using Kernel = void (*)(nlar::StepArguments);

// ---- switching between fibers

#ifdef NLAR_UCONTEXT
using Context = ucontext_t;
void change(Context& from, Context& to) { swapcontext(&from, &to); }
#else
// Saves the registers that a call must preserve on the stack, and the stack pointer in *from.
using Context = void*;
extern "C" void nlar_change_stack(void** from, void* to);
asm(R"(
.text
.globl nlar_change_stack
.hidden nlar_change_stack
.type nlar_change_stack, @function
nlar_change_stack:
  pushq %rbp
  pushq %rbx
  pushq %r12
  pushq %r13
  pushq %r14
  pushq %r15
  movq %rsp, (%rdi)
  movq %rsi, %rsp
  popq %r15
  popq %r14
  popq %r13
  popq %r12
  popq %rbx
  popq %rbp
  ret
.size nlar_change_stack, .-nlar_change_stack
)");
void change(Context& from, Context& to) { nlar_change_stack(&from, to); }
#endif

// A barrier that a number of threads pass together.
struct Barrier {
  unsigned members;
  unsigned waiting;
  unsigned generation;
};

struct Fiber {
  Context context;
  std::vector<char> stack;
  bool ended;
};

std::mutex oneLaunch;
Context scheduler;
std::vector<Fiber> fibers(MOST_THREADS);
Fiber* running;
Barrier blockMembers;
Barrier warpMembers[MOST_THREADS / WARP];
uint64_t mailbox[2][MOST_THREADS];
unsigned exchanges[MOST_THREADS];
unsigned progress;
Kernel kernel;
nlar::StepArguments arguments;

void yield() { change(running->context, scheduler); }

void release(Barrier& barrier) {
  barrier.waiting = 0;
  barrier.generation++;
  progress++;
}

void wait(Barrier& barrier) {
  const unsigned generation = barrier.generation;
  if (++barrier.waiting == barrier.members) {
    release(barrier);
    return;
  }
  while (barrier.generation == generation) {
    yield();
  }
}

// A thread that has ended counts no longer.
void leave(Barrier& barrier) {
  if (--barrier.members > 0 && barrier.waiting == barrier.members) {
    release(barrier);
  }
}

void body() {
  kernel(arguments);
  running->ended = true;
  progress++;
  leave(blockMembers);
  leave(warpMembers[threadIdx.x / WARP]);
  yield();
  std::abort();  // never resumed
}

void prepare(Fiber& fiber) {
  fiber.stack.resize(STACK_BYTES);
  fiber.ended = false;
#ifdef NLAR_UCONTEXT
  getcontext(&fiber.context);
  fiber.context.uc_stack.ss_sp = fiber.stack.data();
  fiber.context.uc_stack.ss_size = fiber.stack.size();
  fiber.context.uc_link = nullptr;
  makecontext(&fiber.context, body, 0);
#else
  // As if `body` had been called: six registers, the address to return to, and the stack 8 bytes off a 16-byte
  // boundary.
  uintptr_t top = (reinterpret_cast<uintptr_t>(fiber.stack.data()) + fiber.stack.size()) & ~uintptr_t{15};
  void** frame = reinterpret_cast<void**>(top) - 8;
  std::memset(frame, 0, 8 * sizeof(void*));
  frame[6] = reinterpret_cast<void*>(body);
  fiber.context = frame;
#endif
}

void runBlock() {
  const unsigned threads = blockDim.x;
  blockMembers = {threads, 0, 0};
  for (unsigned w = 0; w * WARP < threads; w++) {
    const unsigned rest = threads - w * WARP;
    warpMembers[w] = {rest < WARP ? rest : WARP, 0, 0};
  }
  for (unsigned i = 0; i < threads; i++) {
    exchanges[i] = 0;
    prepare(fibers[i]);
  }
  unsigned ended = 0;
  while (ended < threads) {
    const unsigned before = progress;
    for (unsigned i = 0; i < threads; i++) {
      if (!fibers[i].ended) {
        threadIdx = {i, 0, 0};
        running = &fibers[i];
        change(scheduler, running->context);
        ended += fibers[i].ended;
      }
    }
    if (progress == before) {
      std::fprintf(stderr, "thread block %u waits in vain at a barrier\n", blockIdx.x);
      std::abort();
    }
  }
}

unsigned greatestCommonDivisor(unsigned a, unsigned b) { return b == 0 ? a : greatestCommonDivisor(b, a % b); }

}  // namespace

void blockBarrier() { wait(blockMembers); }

void warpBarrier() { wait(warpMembers[threadIdx.x / WARP]); }

uint64_t exchange(uint64_t value, unsigned source) {
  const unsigned self = threadIdx.x;
  // Two mailboxes in turn: who is late still finds the last exchange's values.
  uint64_t* const box = mailbox[exchanges[self]++ % 2];
  box[self] = value;
  warpBarrier();
  return source < WARP ? box[self / WARP * WARP + source] : value;
}

}  // namespace host

extern "C" {

// Executes a kernel. Thread blocks run one after the other; `stride` tells in which order (a GPU promises none): 1 is
// ascending, another number jumps about.
void nlar_host_launch(void* kernel, unsigned blocks, unsigned threads, const void* arguments, unsigned stride) {
  using namespace host;
  const std::lock_guard<std::mutex> lock(oneLaunch);
  host::kernel = reinterpret_cast<Kernel>(kernel);
  std::memcpy(&host::arguments, arguments, sizeof(nlar::StepArguments));
  gridDim = {blocks, 1, 1};
  blockDim = {threads, 1, 1};
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__)
  // Denormals and rounding as the GPU has them, whatever the calling thread has set.
  const unsigned mode = _mm_getcsr();
  _mm_setcsr(0x1f80);
#endif
  while (greatestCommonDivisor(stride, blocks) != 1) {
    stride++;
  }
  for (unsigned i = 0; i < blocks; i++) {
    blockIdx = {static_cast<unsigned>(static_cast<uint64_t>(i) * stride % blocks), 0, 0};
    runBlock();
  }
#if defined(__x86_64__) && !defined(__SANITIZE_ADDRESS__)
  _mm_setcsr(mode);
#endif
}

void* nlar_host_allocate(uint64_t bytes) { return std::aligned_alloc(256, (bytes + 255) / 256 * 256); }

void nlar_host_free(void* address) { std::free(address); }
}
