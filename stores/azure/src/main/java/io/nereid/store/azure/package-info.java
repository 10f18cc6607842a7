/**
 * Models in Azure Blob Storage, by Microsoft's SDK. {@code AzureStores} opens {@code
 * AzureContainer}s. Depends on {@code io.nereid.repository.store}.
 */
@NullMarked
package io.nereid.store.azure;

import org.jspecify.annotations.NullMarked;
