package io.nlar.cpu.generator;

import com.sun.source.tree.AssignmentTree;
import com.sun.source.tree.BlockTree;
import com.sun.source.tree.ClassTree;
import com.sun.source.tree.CompilationUnitTree;
import com.sun.source.tree.MethodTree;
import com.sun.source.tree.Tree;
import com.sun.source.tree.VariableTree;
import com.sun.source.util.JavacTask;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import javax.tools.JavaCompiler;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;

/**
 * A rule as the JDK's parser reads it: the files of a rule and of what it extends, up to the element's own.
 *
 * @param name the rule's class
 * @param frame how many scalars the element's own are
 * @param scalars names of the step's scalars: the element's own, then the rule's
 * @param slots names and values of slots
 * @param flags names and values of constants
 * @param methods bodies of methods; those of the rule hide those that it extends
 */
record RuleSource(String name, int frame, List<String> scalars, Map<String, String> slots, Map<String, String> flags,
    Map<String, BlockTree> methods) {

  /** Reads the rule called {@code name} in the folder {@code rules}, and what it extends. */
  static RuleSource read(Path kernels, String name) throws IOException {
    List<ClassTree> chain = new ArrayList<>();
    for (String next = name; next != null;) {
      ClassTree type = parse(next.equals("Element") ? kernels.resolve("Element.java")
          : kernels.resolve("rules").resolve(next + ".java"));
      chain.addFirst(type);
      next = type.getExtendsClause() == null ? null : type.getExtendsClause().toString();
    }
    RuleSource element = of(name, 0, chain.subList(0, 1));
    return of(name, element.scalars.size(), chain);
  }

  private static RuleSource of(String name, int frame, List<ClassTree> chain) {
    RuleSource source = new RuleSource(
        name, frame, new ArrayList<>(), new LinkedHashMap<>(), new LinkedHashMap<>(), new LinkedHashMap<>());
    chain.forEach(source::add);
    return source;
  }

  private static ClassTree parse(Path file) throws IOException {
    JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
    try (StandardJavaFileManager files = compiler.getStandardFileManager(null, null, null)) {
      JavacTask task = (JavacTask) compiler.getTask(null, files, null, List.of("-proc:none"), null,
          files.getJavaFileObjects(file));
      CompilationUnitTree unit = task.parse().iterator().next();
      return (ClassTree) unit.getTypeDecls().getFirst();
    }
  }

  private void add(ClassTree type) {
    for (Tree member : type.getMembers()) {
      switch (member) {
        case VariableTree field -> add(field);
        case MethodTree method when method.getBody() != null -> methods.put(method.getName().toString(), method.getBody());
        default -> { } // an abstract method
      }
    }
  }

  private void add(VariableTree field) {
    String name = field.getName().toString();
    switch (field.getType().toString()) {
      case "real" -> scalars.add(name);
      case "int" -> slots.put(name, field.getInitializer().toString());
      case "boolean" -> flags.put(name, field.getInitializer().toString());
      default -> throw new IllegalArgumentException(
          "a field of type " + field.getType() + ": scalars are real, slots int, constants boolean");
    }
  }

  /** The body of a method, which stands where it is called. */
  BlockTree body(String method) {
    BlockTree body = methods.get(method);
    if (body == null) {
      throw new IllegalArgumentException(name + " has no method " + method + "()");
    }
    return body;
  }

  /** The name that an assignment assigns to. */
  static String target(AssignmentTree assignment) {
    return assignment.getVariable().toString();
  }
}
