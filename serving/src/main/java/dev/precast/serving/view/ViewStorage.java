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
import org.rocksdb.Statistics;
import org.rocksdb.StatsLevel;
import org.rocksdb.TickerType;

/**
 * What all generations of a view share: the block cache, what is counted, and how RocksDB is tuned. One point read of the tag and
 * one of the digest per request. Manifests lie in blob files of their own, each compressed by itself: a read unpacks one manifest
 * and no block around it, and merging tables moves keys only. Close it after every view that uses it.
 *
 * <p>Files are read with calls and never mapped: a mapped file that is cut short ends the process.
 */
final class ViewStorage implements AutoCloseable {
    private static final int BLOOM_BITS = 10;
    private static final long WRITE_BUFFER = 32L << 20;
    private static final long BLOCK = 4L << 10;
    /** Bytes; offers are smaller and stay with their key, manifests are not. */
    private static final long MIN_BLOB = 768;

    private static final long BLOB_FILE = 128L << 20;
    private static final int OPEN_FILES = 512;
    private static final long MAX_LOG_FILE = 1L << 20;
    private static final long MAX_WAL = 64L << 20;

    static {
        RocksDB.loadLibrary();
    }

    private final Cache cache;
    private final BloomFilter bloom = new BloomFilter(BLOOM_BITS);
    private final Statistics statistics = new Statistics();

    /** @param cacheBytes of the block cache, index and filter blocks included */
    ViewStorage(long cacheBytes) {
        cache = new LRUCache(cacheBytes);
        statistics.setStatsLevel(StatsLevel.EXCEPT_DETAILED_TIMERS);
    }

    /** Since this storage was made. */
    long count(TickerType ticker) {
        return statistics.getTickerCount(ticker);
    }

    /** Bytes. */
    long cacheUsage() {
        return cache.getUsage();
    }

    /**
     * The caller's to close.
     *
     * @param create whether there must not be, or must be, a database already
     */
    DBOptions databaseOptions(boolean create) {
        return new DBOptions()
                .setCreateIfMissing(create)
                .setCreateMissingColumnFamilies(create)
                .setErrorIfExists(create)
                // All families or none: without its log a database still is what it was at some moment, position and
                // all.
                .setAtomicFlush(true)
                .setParanoidChecks(true)
                .setMaxOpenFiles(OPEN_FILES)
                .setMaxBackgroundJobs(2)
                .setMaxTotalWalSize(MAX_WAL)
                .setStatistics(statistics)
                .setStatsDumpPeriodSec(0)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setMaxLogFileSize(MAX_LOG_FILE)
                .setKeepLogFileNum(2);
    }

    /** The caller's to close. */
    ColumnFamilyOptions columnFamilyOptions() {
        return new ColumnFamilyOptions()
                .setWriteBufferSize(WRITE_BUFFER)
                .setMaxWriteBufferNumber(3)
                .setCompressionType(CompressionType.LZ4_COMPRESSION)
                .setLevelCompactionDynamicLevelBytes(true)
                .setParanoidFileChecks(true)
                .setEnableBlobFiles(true)
                .setMinBlobSize(MIN_BLOB)
                .setBlobFileSize(BLOB_FILE)
                .setBlobCompressionType(CompressionType.LZ4_COMPRESSION)
                .setEnableBlobGarbageCollection(true)
                .setTableFormatConfig(new BlockBasedTableConfig()
                        .setBlockCache(cache)
                        .setBlockSize(BLOCK)
                        .setFilterPolicy(bloom)
                        .setCacheIndexAndFilterBlocks(true)
                        .setPinL0FilterAndIndexBlocksInCache(true));
    }

    @Override
    public void close() {
        statistics.close();
        bloom.close();
        cache.close();
    }
}
