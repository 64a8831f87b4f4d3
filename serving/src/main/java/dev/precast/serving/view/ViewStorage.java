package dev.precast.serving.view;

import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.RocksDB;

/**
 * What all generations of a view share: the block cache, and how RocksDB is tuned. Small: one point read of the tag and one of
 * the digest per request, a few kilobytes each. Close it after every view that uses it.
 */
final class ViewStorage implements AutoCloseable {
    private static final int BLOOM_BITS = 10;
    private static final long WRITE_BUFFER = 16L << 20;
    private static final long BLOCK = 16L << 10;
    private static final int OPEN_FILES = 512;
    private static final long MAX_LOG_FILE = 1L << 20;
    private static final long MAX_WAL = 64L << 20;

    static {
        RocksDB.loadLibrary();
    }

    private final Cache cache;
    private final BloomFilter bloom = new BloomFilter(BLOOM_BITS);

    /** @param cacheBytes of the block cache, index and filter blocks included */
    ViewStorage(long cacheBytes) {
        cache = new LRUCache(cacheBytes);
    }

    /** The caller's to close. */
    DBOptions databaseOptions() {
        return new DBOptions()
                .setCreateIfMissing(true)
                .setCreateMissingColumnFamilies(true)
                .setParanoidChecks(true)
                .setMaxOpenFiles(OPEN_FILES)
                .setMaxBackgroundJobs(2)
                .setMaxTotalWalSize(MAX_WAL)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setMaxLogFileSize(MAX_LOG_FILE)
                .setKeepLogFileNum(2);
    }

    /** The caller's to close. */
    ColumnFamilyOptions columnFamilyOptions() {
        return new ColumnFamilyOptions()
                .setWriteBufferSize(WRITE_BUFFER)
                .setMaxWriteBufferNumber(2)
                .setCompressionType(CompressionType.LZ4_COMPRESSION)
                .setBottommostCompressionType(CompressionType.ZSTD_COMPRESSION)
                .setLevelCompactionDynamicLevelBytes(true)
                .setParanoidFileChecks(true)
                .setTableFormatConfig(new BlockBasedTableConfig()
                        .setBlockCache(cache)
                        .setBlockSize(BLOCK)
                        .setFilterPolicy(bloom)
                        .setCacheIndexAndFilterBlocks(true)
                        .setPinL0FilterAndIndexBlocksInCache(true));
    }

    @Override
    public void close() {
        bloom.close();
        cache.close();
    }
}
