package io.nlar.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import io.nlar.DType;
import io.nlar.Slot;
import io.nlar.StateFileException;
import io.nlar.spi.TensorPlan;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class StateHeaderTest {
  private static final String VALID = """
      {"__metadata__":{"nlar.sha256":"%s","nlar.format":"nlar-state-2","nlar.numerics":"1","nlar.applied":"7",
      "nlar.skipped":"1","nlar.groups":"[{\\"config\\":{\\"estimator\\":\\"Nlarcm\\"},\\"parameters\\":[\\"w\\",\\"x\\"]}]"},
      "w/velocity":{"dtype":"F32","shape":[3],"data_offsets":[0,12]},
      "w/rate":{"dtype":"F32","shape":[3],"data_offsets":[12,24]}}""".formatted("a".repeat(64));
  private static final TensorPlan W = new TensorPlan(0, "w", 0, 3);

  private static StateHeader parse(byte[] json) throws IOException {
    return StateHeader.read(new ByteArrayInputStream(json), Map.of("w", W));
  }

  private static StateHeader parse(String json) throws IOException {
    return parse(json.getBytes(StandardCharsets.UTF_8));
  }

  @Test
  void readsWhatItNeeds() throws IOException {
    StateHeader header = parse(VALID);
    assertEquals(7, header.applied());
    assertEquals(1, header.skipped());
    assertEquals("a".repeat(64), header.digest());
    assertEquals(24, header.dataBytes());
    assertEquals(Map.of("estimator", "Nlarcm"), header.parameter(W).settings());
    assertEquals(new StateHeader.Stored(DType.FLOAT32, 3, 12, 12), header.parameter(W).tensor(Slot.RATE));
    assertEquals(1, header.unknownParameters().count());
    assertEquals(0, header.unknownTensors().count());
    assertEquals(7, parse(VALID + " \n").applied());
    long largest = parse(VALID.replace("\"7\"", "\"9007199254740992\"")).applied();
    assertEquals(1L << 53, largest);
  }

  /** What a field may hold, and what is said of anything else; an apostrophe stands for a quote. */
  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
      'dtype':'F32'                  | 'dtype':null                       | tensor 'w/velocity', dtype: expected a text
      'dtype':'F32'                  | 'dtype':'I64'                      | expected F32 or F64 or BF16 or F16 or U16, found 'I64'
      'dtype':'F32'                  | 'dtype':'F64'                      | 3 elements of 8 bytes
      'dtype':'F32',                 | ~~                                 | it has no dtype
      'shape':[3],                   | ~~                                 | it has no shape
      ,'data_offsets':[0,12]         | ~~                                 | it has no data_offsets
      'dtype':'F32'                  | 'dtype':'F32','dtype':'F32'        | dtype: it comes twice
      'shape':[3]                    | 'shape':[3],'shape':[3]            | shape: it comes twice
      'data_offsets':[0,12]          | 'data_offsets':[0,12],'data_offsets':[0,12] | data_offsets: it comes twice
      'dtype':'F32'                  | 'dtype':'F32','more':1             | more: a tensor has no such field
      'shape':[3]                    | 'shape':3                          | shape: expected a list
      'shape':[3]                    | 'shape':['3']                      | expected a whole number
      'shape':[3]                    | 'shape':[-3]                       | expected a whole number from 0, found '-'
      'shape':[3]                    | 'shape':[3.0]                      | expected ',' or ']', found '.'
      'shape':[3]                    | 'shape':[3e0]                      | found 'e'
      'shape':[3]                    | 'shape':[03]                       | leading zeros
      'shape':[3]                    | 'shape':[18446744073709551619]     | below 2^63
      'shape':[3]                    | 'shape':[9223372036854775807,3]    | more than 2^63 elements
      'shape':[3]                    | 'shape':[4611686018427387907,4]    | more than 2^63 elements
      'shape':[3]                    | 'shape':[4]                        | 4 elements of 4 bytes
      [0,12]                         | []                                 | expected two offsets, found 0
      [0,12]                         | [0]                                | expected two offsets, found 1
      [0,12]                         | [0,12,12]                          | expected two offsets, found 3
      [12,24]                        | [13,24]                            | begins at 13, but the tensor before ends at 12
      [12,24]                        | [11,23]                            | begins at 11
      [12,24]                        | [12,11]                            | from 12 to 11
      [12,24]                        | [12,9223372036854775807]           | do not take the bytes
      'w/rate'                       | 'w/velocity'                       | tensor 'w/velocity': it comes twice
      'w/rate'                       | '__metadata__'                     | tensor '__metadata__': it comes twice
      \\'x\\'                        | \\'w\\'                            | parameter 'w' comes twice
      \\'w\\',\\'x\\'                | \\'x\\'                            | no group has its parameter
      \\'w\\',\\'x\\'                | \\'w\\',\\'x\\',\\'x\\'            | two have the same name
      {\\'estimator\\':\\'Nlarcm\\'} | null                               | nlar.groups, config: expected an object
      \\'Nlarcm\\'                   | 1                                  | setting 'estimator': expected a text
      :[\\'w\\',\\'x\\']             | :\\'w\\'                           | parameters: expected a list
      \\'parameters\\'               | \\'names\\'                        | names: a group has no such field
      ]}]'                           | ]}]]'                              | expected nothing more
      'nlar.applied':'7'             | 'nlar.applied':7                   | nlar.applied: expected a text
      'nlar.applied':'7'             | 'nlar.applied':null                | nlar.applied: expected a text
      'nlar.applied':'7'             | 'nlar.applied':'-1'                | from 0 to 2^53, found '-1'
      'nlar.applied':'7'             | 'nlar.applied':'+2'                | from 0 to 2^53, found '+2'
      'nlar.applied':'7'             | 'nlar.applied':'07'                | from 0 to 2^53, found '07'
      'nlar.applied':'7'             | 'nlar.applied':' 7'                | from 0 to 2^53, found ' 7'
      'nlar.applied':'7'             | 'nlar.applied':'\u0662'            | from 0 to 2^53
      'nlar.applied':'7'             | 'nlar.applied':''                  | from 0 to 2^53, found ''
      'nlar.skipped':'1'             | 'nlar.skipped':'9007199254740993'  | nlar.skipped: expected a whole number
      'nlar.skipped':'1'             | 'nlar.skipped':'18446744073709551620' | from 0 to 2^53
      'nlar.applied':'7',            | ~~                                 | nlar.applied: it is missing
      'nlar.applied':'7',            | 'nlar.applied':'7','nlar.applied':'7', | nlar.applied: it comes twice
      'nlar.applied':'7',            | 'nlar.applied':'7','nlar.more':'7', | nlar.more: a state has no such field
      'nlar.numerics':'1'            | 'nlar.numerics':'2'                | another version of Nlar wrote it: '2'
      'nlar-state-2'                 | 'nlar-state-4'                     | another version of Nlar wrote it
      'nlar.sha256':'a               | 'nlar.sha256':'A                   | expected 64 hexadecimal digits
      """)
  void everyFieldIsCheckedByName(String right, String wrong, String words) {
    String from = right.replace('\'', '"');
    assertTrue(VALID.contains(from), from);
    String json = VALID.replaceFirst(java.util.regex.Pattern.quote(from),
        java.util.regex.Matcher.quoteReplacement(wrong.replace('\'', '"')));
    String message = assertThrows(StateFileException.class, () -> parse(json)).getMessage();
    assertTrue(message.contains(words), message);
  }

  private static String withParts(String parts) {
    return VALID.replace("nlar-state-2", "nlar-state-3")
        .replace("\\\"parameters\\\":[\\\"w\\\",\\\"x\\\"]", "\\\"parts\\\":[" + parts.replace("'", "\\\"") + "]");
  }

  @Test
  void readsOfWhatAParameterIsAPart() throws IOException {
    StateHeader.StoredParameter w = parse(withParts("['w',1024,1027],['x',0,5]")).parameter(W);
    assertEquals(1024, w.offset());
    assertEquals(1027, w.whole(w.tensor(Slot.RATE)));
    assertEquals(0, parse(VALID).parameter(W).offset());
    assertEquals(3, parse(VALID).parameter(W).whole(parse(VALID).parameter(W).tensor(Slot.RATE)));
  }

  @ParameterizedTest
  @CsvSource(delimiter = '|', quoteCharacter = '~', textBlock = """
      ['w',1024,1026]                | 3 elements from element 1024 on are more than the 1026
      ['w',1024,1023]                | begins at element 1024 of 1023
      ['w',1024]                     | a name and two numbers, not 2
      []                             | a name and two numbers, not 0
      ['w',1,2,3]                    | more than a name and two numbers
      ['w','1',2]                    | expected a whole number
      [1,2,3]                        | expected a text
      ['w',0,3],['w',1024,1027]      | parameter 'w' comes twice
      'w'                            | expected a list
      """)
  void partsAreCheckedToo(String parts, String words) {
    String message = assertThrows(StateFileException.class, () -> parse(withParts(parts))).getMessage();
    assertTrue(message.contains(words), message);
  }

  @Test
  void nothingStandsAroundTheObject() {
    for (String json : new String[] {VALID + "x", VALID + "{}", VALID + VALID, "", " ", "[]", "null", "{}",
        VALID.substring(0, VALID.length() - 1), VALID + "\0", "\ufeff" + VALID}) {
      String message = assertThrows(StateFileException.class, () -> parse(json)).getMessage();
      assertTrue(message.startsWith("the header cannot be read: ") && !message.contains("null"), message);
    }
  }

  @Test
  void whatIsNotUtf8IsRefused() {
    byte[] json = VALID.replace("w/rate", "w/~").getBytes(StandardCharsets.UTF_8);
    for (int i = 0; i < json.length; i++) {
      json[i] = json[i] == '~' ? (byte) 0xff : json[i];
    }
    String message = assertThrows(StateFileException.class, () -> parse(json)).getMessage();
    assertTrue(message.contains("it is not UTF-8"), message);
  }

  @Test
  void textsAreBounded() {
    for (String json : new String[] {VALID.replace("w/rate", "w".repeat(StateFormat.LONGEST_NAME + 11)),
        VALID.replace("Nlarcm", "N".repeat(1001)), VALID.replace("\"7\"", "\"" + "7".repeat(1001) + "\""),
        VALID.replace("\\\"x", "\\\"" + "x".repeat(StateFormat.LONGEST_NAME + 1))}) {
      String message = assertThrows(StateFileException.class, () -> parse(json)).getMessage();
      assertTrue(message.contains("a text of more than ") && message.length() < 1000, message);
    }
  }

  /** Whatever a damaged header looks like, the only failure is the typed one. */
  @Test
  void damagedHeadersNeverFailOtherwise() throws IOException {
    Random random = new Random(11);
    for (int i = 0; i < 20_000; i++) {
      byte[] bytes = VALID.getBytes(StandardCharsets.UTF_8);
      for (int n = random.nextInt(4); n >= 0; n--) {
        bytes[random.nextInt(bytes.length)] = (byte) random.nextInt(256);
      }
      try {
        parse(bytes);
      } catch (StateFileException expected) {
        assertTrue(!expected.getMessage().contains("null"), expected.getMessage());
      }
    }
  }
}
