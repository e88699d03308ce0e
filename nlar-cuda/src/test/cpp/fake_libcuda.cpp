// A stand-in for NVIDIA's driver library, by which JCuda and the backend's driver layer run without a GPU: memory is
// the host's, kernels are the host-compiled ones. It is lazy and strict on purpose: work is queued and done only when
// someone waits for it, as on a busy GPU; calls without a current context, copies outside of allocations, kernels that
// the loaded PTX does not hold, asynchronous copies from memory that is not page-locked and waiting during a capture are
// errors. A launch without tables is a wild read: from then on every call fails, as after a fault of a GPU. Environment
// variables make it another machine: FAKE_CUDA_INIT (the result of cuInit), FAKE_CUDA_VERSION, FAKE_CUDA_GPUS (how many),
// FAKE_CUDA_CAPABILITY (of all of them, times ten).
#include <dlfcn.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <functional>
#include <iterator>
#include <map>
#include <string>
#include <vector>

#include "layout.cuh"

extern "C" void nlar_host_launch(
    void* kernel, unsigned blocks, unsigned threads, const void* arguments, unsigned stride);

namespace {

using Result = int;
using Address = unsigned long long;
constexpr Result SUCCESS = 0, INVALID_VALUE = 1, OUT_OF_MEMORY = 2, INVALID_IMAGE = 200, INVALID_CONTEXT = 201,
                 NOT_FOUND = 500, ILLEGAL_ADDRESS = 700, CAPTURE_UNSUPPORTED = 900, CAPTURE_INVALIDATED = 901;
constexpr size_t MEMORY_BYTES = size_t{4} << 30;

struct Event {
  unsigned pending;
};
struct Module {
  std::string text;
};
struct Function {
  void* entry;
};
struct Graph {
  std::vector<std::function<void()>> work;
};

char primaryContext;
thread_local std::vector<void*> contexts;
std::map<Address, size_t> device, pinned;
size_t allocated;
std::deque<std::function<void()>> queue;
Graph* capture;
bool captureInvalid;
Result fault = SUCCESS;
unsigned synchronisations;

int setting(const char* name, int otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::atoi(text);
}

bool inside(const std::map<Address, size_t>& allocations, Address address, size_t bytes) {
  auto next = allocations.upper_bound(address);
  if (next == allocations.begin()) {
    return false;
  }
  --next;
  return address - next->first <= next->second && bytes <= next->second - (address - next->first);
}

Result enqueue(std::function<void()> work) {
  if (contexts.empty()) {
    return INVALID_CONTEXT;
  }
  if (fault != SUCCESS) {
    return fault;
  }
  if (capture != nullptr) {
    capture->work.push_back(std::move(work));
  } else {
    queue.push_back(std::move(work));
  }
  return SUCCESS;
}

// What is behind a fault is not done.
void drain() {
  while (!queue.empty()) {
    if (fault == SUCCESS) {
      queue.front()();
    }
    queue.pop_front();
  }
}

// Waiting gives up a capture.
Result wait() {
  if (contexts.empty()) {
    return INVALID_CONTEXT;
  }
  if (capture != nullptr) {
    return captureInvalid = true, CAPTURE_UNSUPPORTED;
  }
  synchronisations++;
  return drain(), fault;
}

}  // namespace

extern "C" {

// How often someone has waited for the queue.
unsigned fake_cuda_synchronisations() { return synchronisations; }

Result cuInit(unsigned) { return setting("FAKE_CUDA_INIT", SUCCESS); }
Result cuDriverGetVersion(int* version) { return *version = setting("FAKE_CUDA_VERSION", 12060), SUCCESS; }
Result cuDeviceGetCount(int* count) { return *count = setting("FAKE_CUDA_GPUS", 2), SUCCESS; }
Result cuDeviceGet(int* handle, int ordinal) { return *handle = ordinal, ordinal < 2 ? SUCCESS : INVALID_VALUE; }
Result cuDeviceGetName(char* name, int length, int) {
  return std::snprintf(name, length, "a GPU on the host"), SUCCESS;
}
// Compute capability 7.5 and 6.5: the second device is too old.
Result cuDeviceGetAttribute(int* value, int attribute, int handle) {
  const int capability = setting("FAKE_CUDA_CAPABILITY", handle == 0 ? 75 : 65);
  return *value = attribute == 75 ? capability / 10 : attribute == 76 ? capability % 10 : 0, SUCCESS;
}
Result cuDeviceTotalMem_v2(size_t* bytes, int) { return *bytes = MEMORY_BYTES, SUCCESS; }

Result cuDevicePrimaryCtxRetain(void** context, int) { return *context = &primaryContext, SUCCESS; }
Result cuDevicePrimaryCtxRelease_v2(int) { return SUCCESS; }
Result cuCtxPushCurrent_v2(void* context) { return contexts.push_back(context), SUCCESS; }
Result cuCtxPopCurrent_v2(void** context) {
  if (contexts.empty()) {
    return INVALID_CONTEXT;
  }
  *context = contexts.back();
  contexts.pop_back();
  return SUCCESS;
}

Result cuStreamCreate(void** stream, unsigned) {
  return *stream = std::malloc(1), contexts.empty() ? INVALID_CONTEXT : SUCCESS;
}
Result cuStreamDestroy_v2(void* stream) { return drain(), std::free(stream), SUCCESS; }
Result cuStreamSynchronize(void*) { return wait(); }
Result cuStreamGetCtx(void*, void** context) { return *context = &primaryContext, SUCCESS; }
Result cuStreamIsCapturing(void*, int* status) { return *status = capture != nullptr, SUCCESS; }
Result cuStreamBeginCapture_v2(void*, int) { return capture = new Graph(), captureInvalid = false, SUCCESS; }
Result cuStreamEndCapture(void*, Graph** graph) {
  return *graph = capture, capture = nullptr, captureInvalid ? CAPTURE_INVALIDATED : SUCCESS;
}
Result cuGraphInstantiateWithFlags(Graph** executable, Graph* graph, unsigned long long) {
  return *executable = new Graph(*graph), SUCCESS;
}
Result cuGraphLaunch(Graph* executable, void*) {
  for (const auto& work : executable->work) {
    enqueue(work);
  }
  return SUCCESS;
}
Result cuGraphExecDestroy(Graph* executable) { return drain(), delete executable, SUCCESS; }
Result cuGraphDestroy(Graph* graph) { return delete graph, SUCCESS; }

Result cuEventCreate(Event** event, unsigned) { return *event = new Event{0}, SUCCESS; }
Result cuEventRecord(Event* event, void*) {
  event->pending++;
  return enqueue([event] { event->pending--; });
}
Result cuEventSynchronize(Event* event) { return event->pending > 0 || capture != nullptr ? wait() : fault; }
Result cuEventDestroy_v2(Event* event) { return drain(), delete event, SUCCESS; }

Result cuMemAlloc_v2(Address* address, size_t bytes) {
  if (contexts.empty()) {
    return INVALID_CONTEXT;
  }
  if (bytes == 0) {
    return INVALID_VALUE;
  }
  void* memory = bytes > MEMORY_BYTES - allocated ? nullptr : std::aligned_alloc(256, (bytes + 255) / 256 * 256);
  if (memory == nullptr) {
    return OUT_OF_MEMORY;
  }
  std::memset(memory, 0xCB, bytes);
  *address = reinterpret_cast<Address>(memory);
  device[*address] = bytes;
  allocated += bytes;
  return SUCCESS;
}
Result cuMemFree_v2(Address address) {
  const Result done = wait();
  if (done != SUCCESS) {
    return done;
  }
  if (device.count(address) == 0) {
    return INVALID_VALUE;
  }
  allocated -= device[address];
  device.erase(address);
  std::free(reinterpret_cast<void*>(address));
  return SUCCESS;
}
Result cuMemGetInfo_v2(size_t* unused, size_t* total) {
  return *unused = MEMORY_BYTES - allocated, *total = MEMORY_BYTES, SUCCESS;
}
Result cuMemHostAlloc(void** memory, size_t bytes, unsigned) {
  *memory = std::aligned_alloc(256, (bytes + 255) / 256 * 256);
  pinned[reinterpret_cast<Address>(*memory)] = bytes;
  return contexts.empty() ? INVALID_CONTEXT : SUCCESS;
}
Result cuMemFreeHost(void* memory) {
  const bool known = pinned.erase(reinterpret_cast<Address>(memory)) == 1;
  return std::free(memory), known ? SUCCESS : INVALID_VALUE;
}
Result cuMemsetD8Async(Address to, unsigned char value, size_t bytes, void*) {
  return !inside(device, to, bytes) ? INVALID_VALUE
                                    : enqueue([=] { std::memset(reinterpret_cast<void*>(to), value, bytes); });
}

static Result copy(bool valid, Address to, Address from, size_t bytes) {
  return !valid ? INVALID_VALUE
                : enqueue([=] { std::memcpy(reinterpret_cast<void*>(to), reinterpret_cast<void*>(from), bytes); });
}
Result cuMemcpyHtoDAsync_v2(Address to, const void* from, size_t bytes, void*) {
  const Address host = reinterpret_cast<Address>(from);
  return copy(inside(device, to, bytes) && inside(pinned, host, bytes), to, host, bytes);
}
Result cuMemcpyDtoHAsync_v2(void* to, Address from, size_t bytes, void*) {
  const Address host = reinterpret_cast<Address>(to);
  return copy(inside(device, from, bytes) && inside(pinned, host, bytes), host, from, bytes);
}
Result cuMemcpyDtoDAsync_v2(Address to, Address from, size_t bytes, void*) {
  return copy(inside(device, from, bytes) && inside(device, to, bytes), to, from, bytes);
}
Result cuPointerGetAttribute(void* value, int attribute, Address address) {
  if (!inside(device, address, 1)) {
    return INVALID_VALUE;
  }
  const auto allocation = std::prev(device.upper_bound(address));
  switch (attribute) {
    case 9: return *static_cast<int*>(value) = 0, SUCCESS;
    case 11: return *static_cast<Address*>(value) = allocation->first, SUCCESS;
    case 12: return *static_cast<size_t*>(value) = allocation->second, SUCCESS;
    default: return INVALID_VALUE;
  }
}

Result cuModuleLoadData(Module** module, const void* image) {
  const std::string text = static_cast<const char*>(image);
  *module = new Module{text};
  return contexts.empty() ? INVALID_CONTEXT : text.find("\n.version ") == std::string::npos ? INVALID_IMAGE : SUCCESS;
}
Result cuModuleUnload(Module* module) { return drain(), delete module, SUCCESS; }
Result cuModuleGetFunction(Function** function, Module* module, const char* name) {
  void* const self = dlopen("libcuda.so.1", RTLD_LAZY | RTLD_NOLOAD);
  void* const entry = dlsym(self, name);
  if (entry == nullptr || module->text.find(".entry " + std::string(name) + "(") == std::string::npos) {
    return NOT_FOUND;
  }
  return *function = new Function{entry}, SUCCESS;
}
// Parameters are read at the call, as the driver does.
Result cuLaunchKernel(Function* function, unsigned blocks, unsigned, unsigned, unsigned threads, unsigned, unsigned,
                      unsigned, void*, void** parameters, void**) {
  nlar::StepArguments arguments;
  std::memcpy(&arguments, parameters[0], sizeof arguments);
  void* const entry = function->entry;
  return blocks == 0 ? INVALID_VALUE
                     : enqueue([=] {
                         if (arguments.chunks == nullptr) {
                           fault = ILLEGAL_ADDRESS;
                         } else {
                           nlar_host_launch(entry, blocks, threads, &arguments, 5);
                         }
                       });
}
}
