/**
 * The tables that `glance-manage db sync` leaves in SQLite, written down from Glance's schema and not from ours, so that the tests have
 * something to compare with.
 */

const times = 'created_at DATETIME NOT NULL, updated_at DATETIME'
const soft = `${times}, deleted_at DATETIME, deleted BOOLEAN NOT NULL`

/** Everything but the revision, at Wallaby. */
export const wallabySchema: string = `
create table images (id VARCHAR(36) NOT NULL, name VARCHAR(255), size BIGINT, status VARCHAR(30) NOT NULL, ${soft},
  disk_format VARCHAR(20), container_format VARCHAR(20), checksum VARCHAR(32), owner VARCHAR(255), min_disk INTEGER NOT NULL,
  min_ram INTEGER NOT NULL, protected BOOLEAN DEFAULT 0 NOT NULL, virtual_size BIGINT, visibility VARCHAR(9) DEFAULT 'shared' NOT NULL,
  os_hidden BOOLEAN DEFAULT 0 NOT NULL, os_hash_algo VARCHAR(64), os_hash_value VARCHAR(128), PRIMARY KEY (id));
create index checksum_image_idx on images (checksum);
create index created_at_image_idx on images (created_at);
create index ix_images_deleted on images (deleted);
create index os_hash_value_image_idx on images (os_hash_value);
create index os_hidden_image_idx on images (os_hidden);
create index owner_image_idx on images (owner);
create index updated_at_image_idx on images (updated_at);
create index visibility_image_idx on images (visibility);

create table image_properties (id INTEGER NOT NULL, image_id VARCHAR(36) NOT NULL, name VARCHAR(255) NOT NULL, value TEXT, ${soft},
  PRIMARY KEY (id), FOREIGN KEY(image_id) REFERENCES images (id), CONSTRAINT ix_image_properties_image_id_name UNIQUE (image_id, name));
create index ix_image_properties_deleted on image_properties (deleted);
create index ix_image_properties_image_id on image_properties (image_id);

create table image_tags (id INTEGER NOT NULL, image_id VARCHAR(36) NOT NULL, value VARCHAR(255) NOT NULL, ${soft},
  PRIMARY KEY (id), FOREIGN KEY(image_id) REFERENCES images (id));
create index ix_image_tags_image_id_tag_value on image_tags (image_id, value);
create index ix_image_tags_image_id on image_tags (image_id);

create table image_locations (id INTEGER NOT NULL, image_id VARCHAR(36) NOT NULL, value TEXT NOT NULL, ${soft}, meta_data TEXT,
  status VARCHAR(30) DEFAULT 'active' NOT NULL, PRIMARY KEY (id), FOREIGN KEY(image_id) REFERENCES images (id));
create index ix_image_locations_deleted on image_locations (deleted);
create index ix_image_locations_image_id on image_locations (image_id);

create table image_members (id INTEGER NOT NULL, image_id VARCHAR(36) NOT NULL, member VARCHAR(255) NOT NULL, can_share BOOLEAN NOT NULL,
  ${soft}, status VARCHAR(20) DEFAULT 'pending' NOT NULL, PRIMARY KEY (id), FOREIGN KEY(image_id) REFERENCES images (id),
  CONSTRAINT image_members_image_id_member_deleted_at_key UNIQUE (image_id, member, deleted_at));
create index ix_image_members_deleted on image_members (deleted);
create index ix_image_members_image_id_member on image_members (image_id, member);
create index ix_image_members_image_id on image_members (image_id);

create table tasks (id VARCHAR(36) NOT NULL, type VARCHAR(30) NOT NULL, status VARCHAR(30) NOT NULL, owner VARCHAR(255) NOT NULL,
  expires_at DATETIME, ${soft}, image_id VARCHAR(36), request_id VARCHAR(64), user_id VARCHAR(64), PRIMARY KEY (id));
create index ix_tasks_deleted on tasks (deleted);
create index ix_tasks_image_id on tasks (image_id);
create index ix_tasks_owner on tasks (owner);
create index ix_tasks_status on tasks (status);
create index ix_tasks_type on tasks (type);
create index ix_tasks_updated_at on tasks (updated_at);
create table task_info (task_id VARCHAR(36) NOT NULL, input TEXT, result TEXT, message TEXT, PRIMARY KEY (task_id),
  FOREIGN KEY(task_id) REFERENCES tasks (id));

create table metadef_namespaces (id INTEGER NOT NULL, namespace VARCHAR(80) NOT NULL, display_name VARCHAR(80), description TEXT,
  visibility VARCHAR(32), protected BOOLEAN, owner VARCHAR(255) NOT NULL, ${times}, PRIMARY KEY (id),
  CONSTRAINT uq_metadef_namespaces_namespace UNIQUE (namespace));
create index ix_metadef_namespaces_owner on metadef_namespaces (owner);
create table metadef_resource_types (id INTEGER NOT NULL, name VARCHAR(80) NOT NULL, protected BOOLEAN NOT NULL, ${times},
  PRIMARY KEY (id), CONSTRAINT uq_metadef_resource_types_name UNIQUE (name));
create table metadef_namespace_resource_types (resource_type_id INTEGER NOT NULL, namespace_id INTEGER NOT NULL,
  properties_target VARCHAR(80), prefix VARCHAR(80), ${times}, PRIMARY KEY (resource_type_id, namespace_id),
  FOREIGN KEY(resource_type_id) REFERENCES metadef_resource_types (id), FOREIGN KEY(namespace_id) REFERENCES metadef_namespaces (id));
create index ix_metadef_ns_res_types_namespace_id on metadef_namespace_resource_types (namespace_id);
create table metadef_objects (id INTEGER NOT NULL, namespace_id INTEGER NOT NULL, name VARCHAR(80) NOT NULL, description TEXT,
  required TEXT, json_schema TEXT NOT NULL, ${times}, PRIMARY KEY (id), FOREIGN KEY(namespace_id) REFERENCES metadef_namespaces (id),
  CONSTRAINT uq_metadef_objects_namespace_id_name UNIQUE (namespace_id, name));
create index ix_metadef_objects_name on metadef_objects (name);
create table metadef_properties (id INTEGER NOT NULL, namespace_id INTEGER NOT NULL, name VARCHAR(80) NOT NULL, json_schema TEXT NOT NULL,
  ${times}, PRIMARY KEY (id), FOREIGN KEY(namespace_id) REFERENCES metadef_namespaces (id),
  CONSTRAINT uq_metadef_properties_namespace_id_name UNIQUE (namespace_id, name));
create index ix_metadef_properties_name on metadef_properties (name);
create table metadef_tags (id INTEGER NOT NULL, namespace_id INTEGER NOT NULL, name VARCHAR(80) NOT NULL, ${times}, PRIMARY KEY (id),
  FOREIGN KEY(namespace_id) REFERENCES metadef_namespaces (id), CONSTRAINT uq_metadef_tags_namespace_id_name UNIQUE (namespace_id, name));
create index ix_metadef_tags_name on metadef_tags (name);
`

/** The two tables of 2024.1. */
export const cacheSchema: string = `
create table node_reference (node_reference_id INTEGER NOT NULL, node_reference_url VARCHAR(255) NOT NULL,
  PRIMARY KEY (node_reference_id), CONSTRAINT uq_node_reference_node_reference_url UNIQUE (node_reference_url));
create table cached_images (id INTEGER NOT NULL, image_id VARCHAR(36) NOT NULL, last_accessed DATETIME NOT NULL,
  last_modified DATETIME NOT NULL, size BIGINT NOT NULL, hits INTEGER NOT NULL, checksum VARCHAR(32), node_reference_id BIGINT NOT NULL,
  PRIMARY KEY (id), FOREIGN KEY(node_reference_id) REFERENCES node_reference (node_reference_id),
  CONSTRAINT ix_cached_images_image_id_node_reference_id UNIQUE (image_id, node_reference_id));
`

/** The table of the revision, with these rows. */
export function revisionTable(...revisions: readonly string[]): string {
  const rows = revisions.map((revision) => `insert into alembic_version values ('${revision}');`)
  return `create table alembic_version (version_num VARCHAR(32) NOT NULL, CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num));
    ${rows.join('\n')}`
}

/** One image with all its parts, as Glance writes them. */
export const glanceRows: string = `
insert into images (id, name, size, status, created_at, updated_at, deleted, disk_format, container_format, checksum, owner, min_disk,
  min_ram, protected, virtual_size, visibility, os_hidden, os_hash_algo, os_hash_value) values ('glance-image', 'cirros', 21233664, 'active',
  '2021-04-14 09:30:01.123456', '2021-04-14 09:30:02.654321', 0, 'qcow2', 'bare', 'c8fc807773e5354afe61636071771906', 'tenant', 1, 64, 1,
  117440512, 'public', 0, 'sha512', 'ab12');
insert into images (id, status, created_at, updated_at, deleted_at, deleted, min_disk, min_ram) values ('gone-image', 'deleted',
  '2021-04-14 09:30:01.000001', '2021-04-14 09:30:02.000001', '2021-04-14 09:30:02.000001', 1, 0, 0);
insert into image_properties (image_id, name, value, created_at, updated_at, deleted) values
  ('glance-image', 'os_distro', 'cirros', '2021-04-14 09:30:01.123456', '2021-04-14 09:30:01.123456', 0),
  ('glance-image', 'empty', NULL, '2021-04-14 09:30:01.123456', '2021-04-14 09:30:01.123456', 0),
  ('glance-image', 'removed', 'old', '2021-04-14 09:30:01.123456', '2021-04-14 09:30:03.123456', 1);
insert into image_tags (image_id, value, created_at, updated_at, deleted) values
  ('glance-image', 'small', '2021-04-14 09:30:01.123456', '2021-04-14 09:30:01.123456', 0),
  ('glance-image', 'removed', '2021-04-14 09:30:01.123456', '2021-04-14 09:30:03.123456', 1);
insert into image_locations (image_id, value, created_at, updated_at, deleted, meta_data, status) values
  ('glance-image', 'file:///images/one', '2021-04-14 09:30:01.123456', '2021-04-14 09:30:01.123456', 0, '{"store": "fast"}', 'active'),
  ('glance-image', 'file:///images/zero', '2021-04-14 09:30:01.123456', '2021-04-14 09:30:03.123456', 1, '{}', 'deleted');
`
