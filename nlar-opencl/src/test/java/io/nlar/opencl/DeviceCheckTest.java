package io.nlar.opencl;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Optional;
import org.jocl.CL;
import org.jocl.cl_context;
import org.jocl.cl_context_properties;
import org.jocl.cl_device_id;
import org.junit.jupiter.api.Test;

/** The check at first opening finds out devices that compute otherwise. Their compilers are imitated in the source. */
class DeviceCheckTest {

  private static DeviceCheck check(DeviceFacts facts, Mapping mapping, String from, String to) {
    String source = Sources.CHECK.replace(from, to);
    if (!from.equals(to)) {
      assertNotEquals(Sources.CHECK, source, "the source has " + from);
    }
    cl_context context = Cl.create("create a context", status -> CL.clCreateContext(
        new cl_context_properties(), 1, new cl_device_id[] {facts.id()}, null, null, status));
    try {
      return DeviceCheck.run(facts, context, BinaryCache.ofUser(), source,
          Sources.checkOptions(mapping, facts.roundedDivision()));
    } finally {
      TestDevices.assertReferences(1, context);
      CL.clReleaseContext(context);
    }
  }

  private static void assertFound(String operation, String from, String to) {
    DeviceFacts facts = TestDevices.facts();
    String why = check(facts, Mapping.of(facts), from, to).refusal().orElseThrow();
    assertTrue(why.startsWith("computes " + operation + " as "), why);
  }

  @Test
  void everyMappingPasses() {
    DeviceFacts facts = TestDevices.facts();
    for (Mapping mapping : new Mapping[] {Mapping.of(facts), TestDevices.gpuMapping(facts)}) {
      DeviceCheck check = check(facts, mapping, "", "");
      assertEquals(Optional.empty(), check.refusal());
      assertEquals(facts.cpu(), check.hostMemory());
    }
  }

  @Test
  void contractionIsFound() {
    assertFound("a * b + c in binary32", "a * b + c", "fma(a, b, c)");
    assertFound("a * b + c in binary64", "x * y + z", "fma(x, y, z)");
  }

  @Test
  void flushedSubnormalsAreFound() {
    assertFound("a * b + c in binary32", "STORE(a * b + c,",
        "STORE(fabs(a * b + c) < FLT_MIN ? (realv) (0) : a * b + c,");
    assertFound("a / b in binary64", "STORE(x / y,", "STORE(fabs(x / y) < DBL_MIN ? (doublev) (0) : x / y,");
  }

  @Test
  void quotientsAndRootsInexactInTheLastPlaceAreFound() {
    assertFound("a / b in binary32", "STORE(DIVIDE(a, b)", "STORE((a * ((realv) (1) / b))");
    assertFound("a / b rounded from binary64 to binary32", "TO_REALV(TO_DOUBLEV(a) / TO_DOUBLEV(b))",
        "(a * TO_REALV(1.0 / TO_DOUBLEV(b)))");
    assertFound("a / b in binary64", "STORE(x / y,", "STORE(x * (1.0 / y),");
    assertFound("the root of |a| in binary32", "ROOT(fabs(a))", "(ROOT(fabs(a)) * (1 + FLT_EPSILON))");
    assertFound("the roots of vectors in binary64", "STORE(sqrt(fabs(x))", "STORE(1 / (1 / sqrt(fabs(x)))");
    assertFound("the root of |a| in binary64", "sqrt(fabs(doubles[j]))", "(1 / (1 / sqrt(fabs(doubles[j]))))");
  }

  @Test
  void shortLanesAndPairsTakenForSomethingElseAreFound() {
    assertFound("a bfloat16 rounded by random bits", "(lower(b) > r)", "(SIGNED(lower(b)) > SIGNED(r))");
    assertFound("a bfloat16 rounded by random bits", "(realv) (x.even, x.odd)", "x");
    assertFound("the nearest bfloat16", "b + 0x8000u : b", "b + 0x8001u : b");
    assertFound("the nearest float16", "REAL_OF(a) + 0.5f", "REAL_OF(a) * 1.0f + 0.49999997f");
    assertFound("random bits", "(element >> 33)", "(element >> 34)");
    assertFound("the number of a float16", "y - 0x1p-14f", "y");
    assertFound("the number of a bfloat16 and a remainder", "(upper_halves(JOIN(as_ushort, VEC)(low))) >> 16",
        "(upper_halves(JOIN(as_ushort, VEC)(low)) >> 16)");
  }

  @Test
  void hostMemoryThatIsNotSharedIsFound() {
    DeviceFacts facts = TestDevices.facts();
    assertFalse(check(facts, Mapping.of(facts), "x[1] = x[0] + 1", "x[1] = 8").hostMemory(),
        "the second store of the host was not seen");
  }
}
