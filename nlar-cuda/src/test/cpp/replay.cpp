// Repeats recorded launches (io.nlar.cuda.LaunchRecording) on memory of its own, every allocation of exactly its size,
// and compares what they leave. Built with sanitizers, it shows any access outside of an allocation.
#include <dlfcn.h>

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <fstream>
#include <map>
#include <string>
#include <vector>

extern "C" void nlar_host_launch(
    void* kernel, unsigned blocks, unsigned threads, const void* arguments, unsigned stride);

namespace {

struct Allocation {
  uint64_t size;
  char* memory;
};

std::ifstream file;
// by the address at which it was recorded
std::map<uint64_t, Allocation> allocations;

[[noreturn]] void fail(const std::string& what) {
  std::fprintf(stderr, "%s\n", what.c_str());
  std::exit(1);
}

uint64_t number() {
  uint64_t value;
  if (!file.read(reinterpret_cast<char*>(&value), sizeof value)) {
    fail("the recording ends early");
  }
  return value;
}

std::vector<char> bytes() {
  std::vector<char> result(number());
  if (!result.empty() && !file.read(result.data(), static_cast<std::streamsize>(result.size()))) {
    fail("the recording ends early");
  }
  return result;
}

// The address here of what lay at `recorded` there; `recorded` itself where that is no address.
uint64_t moved(uint64_t recorded) {
  auto next = allocations.upper_bound(recorded);
  if (next == allocations.begin()) {
    return recorded;
  }
  const auto& [start, allocation] = *--next;
  return recorded - start < allocation.size ? reinterpret_cast<uint64_t>(allocation.memory) + (recorded - start)
                                            : recorded;
}

void move(char* data, uint64_t size) {
  for (uint64_t at = 0; at + 8 <= size; at += 8) {
    uint64_t word;
    std::memcpy(&word, data + at, 8);
    word = moved(word);
    std::memcpy(data + at, &word, 8);
  }
}

void readMemory() {
  for (auto& [start, allocation] : allocations) {
    std::free(allocation.memory);
  }
  allocations.clear();
  for (uint64_t count = number(); count > 0; count--) {
    const uint64_t start = number();
    const std::vector<char> content = bytes();
    void* memory = nullptr;
    if (posix_memalign(&memory, 256, content.size()) != 0) {
      fail("out of memory");
    }
    std::memcpy(memory, content.data(), content.size());
    allocations[start] = {content.size(), static_cast<char*>(memory)};
  }
  for (auto& [start, allocation] : allocations) {
    move(allocation.memory, allocation.size);
  }
}

void launch() {
  const std::vector<char> name = bytes();
  const auto blocks = static_cast<unsigned>(number());
  const auto threads = static_cast<unsigned>(number());
  std::vector<char> arguments = bytes();
  move(arguments.data(), arguments.size());
  const std::string kernel(name.begin(), name.end());
  void* const entry = dlsym(RTLD_DEFAULT, kernel.c_str());
  if (entry == nullptr) {
    fail("no kernel " + kernel);
  }
  nlar_host_launch(entry, blocks, threads, arguments.data(), 11);
}

void compare() {
  for (uint64_t count = number(); count > 0; count--) {
    const uint64_t start = number();
    std::vector<char> expected = bytes();
    move(expected.data(), expected.size());
    const Allocation& allocation = allocations.at(start);
    if (expected.size() != allocation.size ||
        std::memcmp(expected.data(), allocation.memory, expected.size()) != 0) {
      fail("an allocation of " + std::to_string(allocation.size) + " bytes differs after the launches");
    }
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc != 2) {
    fail("usage: replay RECORDING");
  }
  file.open(argv[1], std::ios::binary);
  unsigned launches = 0;
  for (;;) {
    switch (number()) {
      case 'M': readMemory(); break;
      case 'L': launch(); launches++; break;
      case 'C': compare(); break;
      case 'E':
        for (auto& [start, allocation] : allocations) {
          std::free(allocation.memory);
        }
        std::printf("%u launches\n", launches);
        return 0;
      default: fail("unknown record");
    }
  }
}
