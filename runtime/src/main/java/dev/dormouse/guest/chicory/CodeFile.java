package dev.dormouse.guest.chicory;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the compiler made of a module, as it lies in the disk cache: a SHA-256 of the rest, the key,
 * the main class, the functions left to the interpreter, the class files.
 *
 * @param mainClass the name of the class that is the machine
 * @param interpreted indexes of functions too large for the JVM
 * @param classes class files by class name
 */
record CodeFile(String mainClass, Set<Integer> interpreted, Map<String, byte[]> classes) {

  /** Changes whenever the layout, or what is done to the classes after compilation, does. */
  static final int FORMAT = 1;

  private static final int DIGEST_BYTES = 32;

  byte[] encode(String key) {
    var bytes = new ByteArrayOutputStream();
    try (var out = new DataOutputStream(bytes)) {
      out.write(new byte[DIGEST_BYTES]);
      out.writeUTF(key);
      out.writeUTF(mainClass);
      out.writeInt(interpreted.size());
      for (int function : new TreeSet<>(interpreted)) {
        out.writeInt(function);
      }
      out.writeInt(classes.size());
      for (var entry : classes.entrySet()) {
        out.writeUTF(entry.getKey());
        out.writeInt(entry.getValue().length);
        out.write(entry.getValue());
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    var file = bytes.toByteArray();
    System.arraycopy(digest(file), 0, file, 0, DIGEST_BYTES);
    return file;
  }

  /**
   * @throws IOException when the file is not what was written under this key
   */
  static CodeFile decode(String key, byte[] file) throws IOException {
    if (file.length < DIGEST_BYTES
        || !MessageDigest.isEqual(digest(file), Arrays.copyOf(file, DIGEST_BYTES))) {
      throw new IOException("the checksum is wrong");
    }
    try (var in =
        new DataInputStream(
            new ByteArrayInputStream(file, DIGEST_BYTES, file.length - DIGEST_BYTES))) {
      if (!in.readUTF().equals(key)) {
        throw new IOException("the file was written under another name");
      }
      var mainClass = in.readUTF();
      Set<Integer> interpreted = new TreeSet<>();
      for (int left = in.readInt(); left > 0; left--) {
        interpreted.add(in.readInt());
      }
      Map<String, byte[]> classes = new LinkedHashMap<>();
      for (int left = in.readInt(); left > 0; left--) {
        var name = in.readUTF();
        classes.put(name, in.readNBytes(in.readInt()));
      }
      return new CodeFile(mainClass, interpreted, classes);
    }
  }

  private static byte[] digest(byte[] file) {
    try {
      var digest = MessageDigest.getInstance("SHA-256");
      digest.update(file, DIGEST_BYTES, file.length - DIGEST_BYTES);
      return digest.digest();
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every Java platform has SHA-256", e);
    }
  }
}
