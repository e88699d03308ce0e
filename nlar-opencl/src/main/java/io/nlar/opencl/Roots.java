package io.nlar.opencl;

import java.lang.ref.WeakReference;
import java.util.HashMap;
import java.util.Map;

/** One identity per handle of callers' memory objects, as long as somebody uses it. */
final class Roots {
  private final Map<Long, WeakReference<Object>> roots = new HashMap<>();

  Object of(long handle) {
    roots.values().removeIf(reference -> reference.get() == null);
    WeakReference<Object> known = roots.get(handle);
    Object root = known == null ? null : known.get();
    if (root == null) {
      root = new Object();
      roots.put(handle, new WeakReference<>(root));
    }
    return root;
  }
}
