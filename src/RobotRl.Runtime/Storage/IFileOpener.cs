namespace RobotRl.Runtime.Storage;

/// <summary>Where durable files are written; a test puts a full or failing disk in its place.</summary>
public interface IFileOpener
{
    /// <summary>Opens <paramref name="path"/> for writing; other processes may read it.</summary>
    IWritableFile OpenWrite(string path, FileMode mode);

    /// <summary>Returns when the names in <paramref name="directory"/> (creations, renames, deletions) are on the medium.</summary>
    void SyncDirectory(string directory);
}
