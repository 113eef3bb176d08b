/**
 * The contract between Dormouse and guest modules, as data. Needs nothing but {@code java.base}.
 */
module dev.dormouse.abi {
  exports dev.dormouse.abi;
}
