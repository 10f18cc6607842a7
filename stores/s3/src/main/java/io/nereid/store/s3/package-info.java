/**
 * Models in Amazon S3 and in stores that speak its protocol, by Amazon's SDK. {@code S3Stores}
 * opens {@code S3Bucket}s. Depends on {@code io.nereid.repository.store}.
 */
@NullMarked
package io.nereid.store.s3;

import org.jspecify.annotations.NullMarked;
