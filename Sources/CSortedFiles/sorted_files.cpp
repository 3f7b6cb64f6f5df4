#include "CSortedFiles.h"
#include <cstring>
#include <memory>
#include <rocksdb/db.h>
#include <rocksdb/options.h>
#include <rocksdb/sst_file_reader.h>
#include <rocksdb/sst_file_writer.h>
#include <rocksdb/table.h>
#include <string>
#include <vector>

namespace {

rocksdb::Options file_options(int format_version = 5) {
  rocksdb::Options options;
  options.compression = rocksdb::kNoCompression;
  options.allow_mmap_reads = true;
  // Start writing back early, so that the flush at the end finds little left to do.
  options.bytes_per_sync = 8 << 20;
  // Smaller than a block: blocks go to the file as they are, without a copy between. Writes of
  // 64 KiB also let the page cache take memory in pieces that it has at hand.
  options.writable_file_max_buffer_size = 32 << 10;
  rocksdb::BlockBasedTableOptions table;
  table.checksum = rocksdb::kXXH3;
  table.format_version = static_cast<uint32_t>(format_version);
  table.no_block_cache = true;
  // Blocks begin at pages of the disk: aligned copies on the way there, no page of two blocks.
  table.block_align = true;
  options.table_factory.reset(rocksdb::NewBlockBasedTableFactory(table));
  return options;
}

bool passed(const rocksdb::Status &status, char **failure) {
  if (status.ok()) return true;
  *failure = strdup(status.ToString().c_str());
  return false;
}

}  // namespace

struct engram_sorted_file_writer {
  explicit engram_sorted_file_writer(int format_version) : options(file_options(format_version)) {}
  rocksdb::Options options;
  rocksdb::SstFileWriter writer{
      rocksdb::EnvOptions(options), options, nullptr, /*invalidate_page_cache=*/false};
};

struct engram_sorted_file_walk {
  rocksdb::SstFileReader reader{file_options()};
  std::unique_ptr<rocksdb::Iterator> iterator;
  bool is_started = false;
};

engram_sorted_file_writer *engram_sorted_file_create(
    const char *path, int format_version, char **failure) {
  auto writer = std::make_unique<engram_sorted_file_writer>(format_version);
  return passed(writer->writer.Open(path), failure) ? writer.release() : nullptr;
}

int engram_sorted_file_put(
    engram_sorted_file_writer *writer, const uint8_t *key, size_t key_count,
    const uint8_t *value, size_t value_count, char **failure) {
  return passed(
      writer->writer.Put(
          rocksdb::Slice(reinterpret_cast<const char *>(key), key_count),
          rocksdb::Slice(reinterpret_cast<const char *>(value), value_count)),
      failure);
}

int engram_sorted_file_finish(engram_sorted_file_writer *writer, char **failure) {
  return passed(writer->writer.Finish(), failure);
}

void engram_sorted_file_free(engram_sorted_file_writer *writer) { delete writer; }

engram_sorted_file_walk *engram_sorted_file_open(
    const char *path, int checks, char **failure) {
  auto walk = std::make_unique<engram_sorted_file_walk>();
  if (!passed(walk->reader.Open(path), failure)) return nullptr;
  // Of a file that was just written only places are asked for: summing would read all of it.
  rocksdb::ReadOptions options;
  options.verify_checksums = checks != 0;
  walk->iterator.reset(walk->reader.NewIterator(options));
  return walk.release();
}

int engram_sorted_file_next(
    engram_sorted_file_walk *walk, const uint8_t **key, size_t *key_count,
    const uint8_t **value, size_t *value_count, char **failure) {
  if (walk->is_started)
    walk->iterator->Next();
  else
    walk->iterator->SeekToFirst();
  walk->is_started = true;
  if (!walk->iterator->Valid()) {
    passed(walk->iterator->status(), failure);
    return 0;
  }
  *key = reinterpret_cast<const uint8_t *>(walk->iterator->key().data());
  *key_count = walk->iterator->key().size();
  *value = reinterpret_cast<const uint8_t *>(walk->iterator->value().data());
  *value_count = walk->iterator->value().size();
  return 1;
}

void engram_sorted_file_close(engram_sorted_file_walk *walk) { delete walk; }

int engram_database_verify(const char *path, char **failure) {
  rocksdb::Options options;
  options.info_log_level = rocksdb::NUM_INFO_LOG_LEVELS;  // nothing
  std::vector<std::string> names;
  if (!passed(rocksdb::DB::ListColumnFamilies(options, path, &names), failure)) return 0;
  std::vector<rocksdb::ColumnFamilyDescriptor> families;
  for (const auto &name : names) families.emplace_back(name, rocksdb::ColumnFamilyOptions(options));
  std::vector<rocksdb::ColumnFamilyHandle *> handles;
  rocksdb::DB *opened = nullptr;
  if (!passed(
          rocksdb::DB::OpenForReadOnly(options, path, families, &handles, &opened), failure))
    return 0;
  std::unique_ptr<rocksdb::DB> database(opened);
  const bool matches = passed(database->VerifyChecksum(rocksdb::ReadOptions()), failure);
  for (auto *handle : handles) database->DestroyColumnFamilyHandle(handle);
  return matches;
}
